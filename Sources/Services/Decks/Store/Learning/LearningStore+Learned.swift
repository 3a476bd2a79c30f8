import CivilTime
import Postgres

extension LearningStore {
  /// What one learner has done with one deck: sets whose members have ids, so that whoever follows the events too may unite
  /// them with what those tell.
  struct Learned: Sendable {
    struct Session: Sendable {
      let id: Int64
      let durationSeconds: Int
    }

    struct Test: Sendable {
      let id: Int64
      let cardsTotal: Int
      let cardsCorrect: Int
      let completedAt: Instant
    }

    let learner: Int64
    let deck: Int64
    /// Those that are in the deck now and that the learner has ever answered right; in order.
    var cards: [Int64] = []
    /// Those that are over.
    var sessions: [Session] = []
    var tests: [Test] = []
    var lastSeenAt: Instant?
  }

  /// The most of each kind in one answer.
  static let mostLearned = 100_000
  /// Of sessions, and of tests. Where one learner has more of one deck, the last of them.
  static let mostEvents = 15_000

  private struct Pair: Hashable {
    let learner: Int64
    let deck: Int64
  }

  /// Pairs of which there is nothing are absent.
  /// - Returns: nil when there is more than one answer holds.
  func learned(
    by learners: [Int64], of decks: [Int64], until deadline: ContinuousClock.Instant
  ) async throws -> [Learned]? {
    let asked: [PostgresValue] = [.int8Array(learners), .int8Array(decks)]
    let rows = try await pool.run(
      [Self.learnedCards, Self.endedSessions, Self.takenTests, Self.lastSeen].map {
        PostgresCall(statement: $0, values: asked)
      }, until: deadline)
    let isOnePair = learners.count == 1 && decks.count == 1
    guard isOnePair || rows[1].count <= Self.mostEvents && rows[2].count <= Self.mostEvents else { return nil }
    var found: [Pair: Learned] = [:]
    func change(_ next: inout PostgresRowReader, _ body: (inout Learned, inout PostgresRowReader) throws -> Void) throws
    {
      let pair = Pair(learner: try next.next(), deck: try next.next())
      try body(&found[pair, default: Learned(learner: pair.learner, deck: pair.deck)], &next)
    }
    var amount = 0
    for row in rows[0] {
      var next = row.reader
      try change(&next) { $0.cards = try $1.next() }
    }
    for learned in found.values { amount += learned.cards.count }
    guard amount <= Self.mostLearned else { return nil }
    for row in rows[1].prefix(Self.mostEvents) {
      var next = row.reader
      try change(&next) { $0.sessions.append(.init(id: try $1.next(), durationSeconds: try $1.next())) }
    }
    for row in rows[2].prefix(Self.mostEvents) {
      var next = row.reader
      try change(&next) {
        $0.tests.append(
          .init(
            id: try $1.next(), cardsTotal: try $1.next(), cardsCorrect: try $1.next(), completedAt: try $1.moment()))
      }
    }
    for row in rows[3] {
      var next = row.reader
      try change(&next) { $0.lastSeenAt = try $1.moment() }
    }
    return found.values.sorted { ($0.learner, $0.deck) < ($1.learner, $1.deck) }
  }

  // None is prepared: the best plan depends on how many are asked for.

  private static let learnedCards = PostgresStatement(
    unprepared: """
      SELECT user_id, deck_id, array_agg(card_id ORDER BY card_id)
      FROM (
        SELECT DISTINCT s.user_id, s.deck_id, a.card_id
        FROM learning_sessions s
        JOIN answers a ON a.session_id = s.id AND a.correct
        JOIN cards c ON c.id = a.card_id AND c.deck_id = s.deck_id
        WHERE s.user_id = ANY ($1) AND s.deck_id = ANY ($2)
        LIMIT \(mostLearned + 1)
      ) AS learned
      GROUP BY user_id, deck_id
      """)
  private static let endedSessions = PostgresStatement(
    unprepared: """
      SELECT user_id, deck_id, id, duration_sec FROM learning_sessions
      WHERE user_id = ANY ($1) AND deck_id = ANY ($2) AND ended_at IS NOT NULL
      ORDER BY id DESC LIMIT \(mostEvents + 1)
      """)
  private static let takenTests = PostgresStatement(
    unprepared: """
      SELECT user_id, deck_id, id, cards_total, cards_correct, completed_at
      FROM test_results WHERE user_id = ANY ($1) AND deck_id = ANY ($2)
      ORDER BY id DESC LIMIT \(mostEvents + 1)
      """)
  private static let lastSeen = PostgresStatement(
    unprepared: """
      SELECT user_id, deck_id, max(at) FROM (
        SELECT user_id, deck_id, last_activity_at FROM learning_sessions
        WHERE user_id = ANY ($1) AND deck_id = ANY ($2)
        UNION ALL
        SELECT user_id, deck_id, completed_at FROM test_results WHERE user_id = ANY ($1) AND deck_id = ANY ($2)
      ) AS seen (user_id, deck_id, at)
      GROUP BY user_id, deck_id
      """)
}
