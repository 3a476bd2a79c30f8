import CivilTime
import Foundation
import Postgres

/// What the database has of one person, a page at a time.
struct ExportStore: Sendable {
  struct Answer: Sendable {
    let id: UUID
    let session: Int64
    let deck: Int64
    let card: Int64
    let correct: Bool
    let rating: Int?
    let answerTimeMs: Int
    let answeredAt: PostgresTimestamp
  }

  struct Result: Sendable {
    struct Card: Sendable {
      let card: Int64
      let correct: Bool
      let answerTimeSeconds: Double
      let text: String?
    }

    let result: TestResult
    let cards: [Card]
  }

  private static let decks = PostgresStatement(
    "export.decks",
    "SELECT \(Deck.columns)\nFROM decks d WHERE d.owner_id = $1 AND d.id > $2 ORDER BY d.id LIMIT 100")
  private static let answers = PostgresStatement(
    "export.answers",
    """
    SELECT answer_id, session_id, deck_id, card_id, correct, rating, answer_time_ms, answered_at FROM answers
    WHERE user_id = $1 AND (answered_at, answer_id) > ($2, $3) ORDER BY answered_at, answer_id LIMIT 5000
    """)
  private static let results = PostgresStatement(
    "export.results",
    "SELECT \(TestResult.columns) FROM test_results r WHERE r.user_id = $1 AND r.id > $2 ORDER BY r.id LIMIT 20")
  private static let resultCards = PostgresStatement(
    "export.resultCards",
    """
    SELECT result_id, card_id, correct, answer_time_seconds, user_answer FROM test_result_cards
    WHERE result_id = ANY ($1) ORDER BY result_id, place
    """)
  private static let noID = UUID(uuid: (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0))

  let pool: PostgresPool
  let zones = ZoneCache()

  func settings(of person: Int64, until deadline: ContinuousClock.Instant) async throws -> LearningSettings {
    try StoredLearner(try await pool.run(StoredLearner.read(.int8(person)), until: deadline).first, zones).settings
  }

  /// Those after a deck, in the order of their making.
  func decks(of person: Int64, after id: Int64, until deadline: ContinuousClock.Instant) async throws -> [Deck] {
    var decks: [Deck] = []
    for row in try await pool.run(Self.decks(.int8(person), .int8(id)), until: deadline) { decks.append(try Deck(row)) }
    return decks
  }

  func cards(of deck: Int64, until deadline: ContinuousClock.Instant) async throws -> [Card] {
    try await pool.run(CardStatements.ofLockedDeck(.int8(deck)), until: deadline).cards()
  }

  /// Those after an answer, as they were given.
  func answers(
    of person: Int64, after last: Answer?, until deadline: ContinuousClock.Instant
  ) async throws -> [Answer] {
    let rows = try await pool.run(
      Self.answers(
        .int8(person), .timestamptz(last?.answeredAt ?? PostgresTimestamp(microseconds: 0)),
        .uuid(last?.id ?? Self.noID)), until: deadline)
    return try rows.map { row in
      var next = row.reader
      return Answer(
        id: try next.next(), session: try next.next(), deck: try next.next(), card: try next.next(),
        correct: try next.next(), rating: try next.next(Int16?.self).map { Int($0) }, answerTimeMs: try next.next(),
        answeredAt: try next.next())
    }
  }

  /// Those after a result, in the order in which they came.
  func results(of person: Int64, after id: Int64, until deadline: ContinuousClock.Instant) async throws -> [Result] {
    let results = try await pool.run(Self.results(.int8(person), .int8(id)), until: deadline).map { try TestResult($0) }
    guard !results.isEmpty else { return [] }
    var cards: [Int64: [Result.Card]] = [:]
    for row in try await pool.run(Self.resultCards(.int8Array(results.map(\.id))), until: deadline) {
      var next = row.reader
      let result = try next.next(Int64.self)
      cards[result, default: []].append(
        Result.Card(
          card: try next.next(), correct: try next.next(), answerTimeSeconds: try next.next(), text: try next.next()))
    }
    return results.map { Result(result: $0, cards: cards[$0.id] ?? []) }
  }
}
