import Postgres

extension LearningStore {
  /// How a deck's tests went, over all learners.
  struct DeckStats: Sendable {
    let totalTests: Int
    /// Of a test, 0…100; nil without tests.
    let averageScore: Double?
    /// Of all answers, 0…1.
    let correctRate: Double?
    let averageTimeSeconds: Double?
    let cards: [CardStats]
  }

  struct CardStats: Sendable {
    let card: Int64
    let answers: Int
    let correct: Int
    let averageTimeSeconds: Double
  }

  /// - Throws: 404 for a deck that the caller may not see, 403 for one that is not his.
  func stats(of deck: Int64, _ request: Request) async throws -> DeckStats {
    _ = try request.caller.person()
    let rows = try await pool.run(
      [Self.owner(.int8(deck)), Self.tests(.int8(deck)), Self.cards(.int8(deck))], until: request.deadline)
    guard let row = rows[0].first, let visibility = DeckVisibility(rawValue: try row.value(1)) else {
      throw DeckAccess.notFound.failure()
    }
    try DeckAccess(request.caller).requireChange(visibility, ownedBy: row.value(0))
    var next = rows[1][0].reader
    return DeckStats(
      totalTests: try next.next(), averageScore: try next.next(), correctRate: try next.next(),
      averageTimeSeconds: try next.next(),
      cards: try rows[2].map { row in
        var next = row.reader
        return CardStats(
          card: try next.next(), answers: try next.next(), correct: try next.next(), averageTimeSeconds: try next.next()
        )
      })
  }

  private static let owner = PostgresStatement(
    "stats.owner", "SELECT owner_id, visibility FROM decks WHERE id = $1")
  private static let tests = PostgresStatement(
    "stats.tests",
    """
    SELECT count(*), avg(100.0 * cards_correct / nullif(cards_total, 0))::float8,
      sum(cards_correct)::float8 / nullif(sum(cards_total), 0), avg(total_time_seconds)
    FROM test_results WHERE deck_id = $1
    """)
  /// Of the cards that the deck has now.
  private static let cards = PostgresStatement(
    "stats.cards",
    """
    SELECT k.id, count(*), count(*) FILTER (WHERE c.correct), avg(c.answer_time_seconds)
    FROM test_results r JOIN test_result_cards c ON c.result_id = r.id
    JOIN cards k ON k.id = c.card_id AND k.deck_id = r.deck_id
    WHERE r.deck_id = $1 GROUP BY k.id, k.order_index ORDER BY k.order_index, k.id
    """)
}
