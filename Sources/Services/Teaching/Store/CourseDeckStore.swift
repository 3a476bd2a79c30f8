import HTTPService
import Postgres
import ServiceContract
import ServiceStore

/// The decks of courses in the database, changed under the course's lock.
struct CourseDeckStore: Sendable {
  static let notFound = FailureDeclaration(.notFound, "COURSE_DECK_NOT_FOUND", "The course has no such deck.")
  static let alreadyThere = FailureDeclaration(.conflict, "DECK_IN_COURSE", "The course has this deck already.")
  static let full = FailureDeclaration(
    .conflict, "COURSE_FULL", "A course has at most \(CourseLimits.decks) decks.")
  static let unknownPlaces = FailureDeclaration(
    .badRequest, "UNKNOWN_PLACES", "Nothing was moved: details say which ids are none of the course's.")

  /// What a change has led to.
  struct Outcome: Sendable {
    /// As it is now.
    let course: Course
    /// Those asked for, in that order.
    let decks: [CourseDeck]
    let changed: Bool
  }

  let pool: PostgresPool
  let outbox: OutboxWriter

  /// Adds one deck.
  /// - Parameter orderIndex: behind all others if nil.
  /// - Throws: 409 for one that is there.
  func add(
    _ deck: Int64, at orderIndex: Int?, to id: Int64, for access: CourseAccess, ifMatch: IfMatch?, at now: Int64,
    until deadline: ContinuousClock.Instant
  ) async throws -> Outcome {
    try await change(id, for: access, ifMatch, at: now, until: deadline) { edit in
      guard !edit.decks.contains(where: { $0.deckID == deck }) else { throw Self.alreadyThere.failure() }
      return try edit.add([(deck, orderIndex ?? edit.end)])
    }
  }

  /// Adds those that are not there, behind the others.
  func add(
    _ decks: [Int64], to id: Int64, for access: CourseAccess, ifMatch: IfMatch?, at now: Int64,
    until deadline: ContinuousClock.Instant
  ) async throws -> Outcome {
    try await change(id, for: access, ifMatch, at: now, until: deadline) { edit in
      var known = Set(edit.decks.map(\.deckID))
      let new = decks.filter { known.insert($0).inserted }
      let added = try edit.add(zip(new, edit.end...).map { ($0, min($1, CourseLimits.orderIndex.upperBound)) })
      let places = Dictionary(uniqueKeysWithValues: (edit.decks + added).map { ($0.deckID, $0) })
      return decks.compactMap { places[$0] }
    }
  }

  /// Moves decks.
  /// - Returns: all decks of the course, in their order.
  /// - Throws: 400 for places that are not the course's.
  func move(
    _ moves: [CourseDeckMove], in id: Int64, for access: CourseAccess, ifMatch: IfMatch?, at now: Int64,
    until deadline: ContinuousClock.Instant
  ) async throws -> Outcome {
    try await change(id, for: access, ifMatch, at: now, until: deadline) { edit in
      let known = Set(edit.decks.map(\.id))
      let unknown = moves.indices.filter { !known.contains(moves[$0].id) }
      guard unknown.isEmpty else {
        throw RequestFailure(
          Self.unknownPlaces.status, code: Self.unknownPlaces.code, message: Self.unknownPlaces.meaning,
          details: unknown.prefix(Problems.limit).map { Problem("[\($0)].id", "is none of the course's places") })
      }
      // Of several for one place the last holds.
      return edit.move(Dictionary(moves.map { ($0.id, $0.orderIndex) }) { $1 })
    }
  }

  /// - Throws: 404 for a place that is not the course's.
  func move(
    _ place: Int64, to orderIndex: Int, in id: Int64, for access: CourseAccess, ifMatch: IfMatch?, at now: Int64,
    until deadline: ContinuousClock.Instant
  ) async throws -> Outcome {
    try await change(id, for: access, ifMatch, at: now, until: deadline) { edit in
      guard edit.decks.contains(where: { $0.id == place }) else { throw Self.notFound.failure() }
      return edit.move([place: orderIndex]).filter { $0.id == place }
    }
  }

  /// - Throws: 404 for a place that is not the course's.
  func remove(
    _ place: Int64, from id: Int64, for access: CourseAccess, ifMatch: IfMatch?, at now: Int64,
    until deadline: ContinuousClock.Instant
  ) async throws -> Outcome {
    try await change(id, for: access, ifMatch, at: now, until: deadline) { edit in
      guard let deck = edit.decks.first(where: { $0.id == place }) else { throw Self.notFound.failure() }
      edit.remove(deck)
      return [deck]
    }
  }

  private func change(
    _ id: Int64, for access: CourseAccess, _ ifMatch: IfMatch?, at now: Int64,
    until deadline: ContinuousClock.Instant,
    _ body: @escaping @Sendable (CourseDeckEdit) throws -> [CourseDeck]
  ) async throws -> Outcome {
    let outbox = outbox
    return try await pool.transaction(until: deadline) { transaction in
      let course = try CourseStore.lock(id, for: access, ifMatch: ifMatch, in: transaction)
      let edit = CourseDeckEdit(
        course, try CourseStore.decks(transaction.run(CourseStatements.decks(.int8(id)))), at: now, in: transaction)
      let decks = try body(edit)
      return Outcome(course: edit.commit(outbox), decks: decks, changed: edit.hasChanged)
    }
  }
}
