import Postgres
import ServiceStore

/// A change of a course's decks within a transaction that has locked the course.
final class CourseDeckEdit {
  /// As they are before the change, in their order.
  let decks: [CourseDeck]
  private let course: Course
  private let now: Int64
  private let transaction: PostgresTransaction
  private var events: CourseEvents
  private var calls: [PostgresCall] = []

  /// - Parameter now: milliseconds since 1970.
  init(_ course: Course, _ decks: [CourseDeck], at now: Int64, in transaction: PostgresTransaction) {
    self.course = course
    self.decks = decks
    self.now = now
    self.transaction = transaction
    events = CourseEvents(at: now)
  }

  /// Behind all decks.
  var end: Int { min((decks.map(\.orderIndex).max() ?? -1) + 1, CourseLimits.orderIndex.upperBound) }

  var hasChanged: Bool { !events.all.isEmpty }

  /// - Throws: 409 where there are too many then.
  func add(_ new: [(deckID: Int64, orderIndex: Int)]) throws -> [CourseDeck] {
    guard !new.isEmpty else { return [] }
    guard decks.count + new.count <= CourseLimits.decks else { throw CourseDeckStore.full.failure() }
    let rows = try transaction.run(
      CourseStatements.addDecks(
        .int8(course.id), .int8Array(new.map(\.deckID)), .int8Array(new.map { Int64($0.orderIndex) }), .moment(now)))
    let added = try CourseStore.decks(rows)
    for deck in added { events.placed(deck, in: course.id) }
    return added
  }

  /// - Parameter places: order by place, each of the course.
  /// - Returns: all decks, in their order.
  func move(_ places: [Int64: Int]) -> [CourseDeck] {
    var (moved, all): ([CourseDeck], [CourseDeck]) = ([], [])
    for deck in decks {
      var deck = deck
      if let order = places[deck.id], order != deck.orderIndex {
        deck.orderIndex = order
        moved.append(deck)
        events.placed(deck, in: course.id)
      }
      all.append(deck)
    }
    if !moved.isEmpty {
      calls.append(
        CourseStatements.moveDecks(.int8Array(moved.map(\.id)), .int8Array(moved.map { Int64($0.orderIndex) })))
    }
    return all.sorted { ($0.orderIndex, $0.id) < ($1.orderIndex, $1.id) }
  }

  func remove(_ deck: CourseDeck) {
    calls.append(CourseStatements.removeDeck(.int8(deck.id)))
    events.removed(deck, from: course.id)
  }

  /// - Returns: the course as it is then.
  func commit(_ outbox: OutboxWriter) -> Course {
    guard hasChanged else { return course }
    var course = course
    course.version += 1
    course.updated = .init(milliseconds: Int(now))
    transaction.runWithCommit(calls + [CourseStore.write(course), outbox.insert(events.all)])
    return course
  }
}
