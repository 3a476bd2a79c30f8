import Postgres

/// Decks by their ids, for the platform's other services: whoever asks as one sees private decks too.
struct DeckLookup: Sendable {
  /// The most cards of one answer, unless one deck alone has more.
  static let mostCards = 100_000

  struct Found: Sendable {
    let id: Int64
    let owner: Int64
    let title: String
    let visibility: String
    let cardsAmount: Int
    let version: Int64
    /// In order; nil where they were not asked for.
    let cards: [Int64]?
  }

  /// A deck's version and its cards are of one moment.
  private static let byIDs = PostgresStatement(
    "decks.lookup",
    """
    SELECT d.id, d.owner_id, d.title, d.visibility, d.cards_amount, d.version,
      CASE WHEN $2 THEN ARRAY(SELECT c.id FROM cards c WHERE c.deck_id = d.id ORDER BY c.id) END
    FROM decks d
    WHERE d.id = ANY ($1)
      AND (NOT $2 OR cardinality($1) = 1 OR (SELECT sum(cards_amount) FROM decks WHERE id = ANY ($1)) <= \(mostCards))
    ORDER BY d.id
    """)
  private static let amount = PostgresStatement(
    "decks.lookupAmount", "SELECT coalesce(sum(cards_amount), 0)::bigint FROM decks WHERE id = ANY ($1)")

  let pool: PostgresPool

  /// Unknown ids are absent.
  /// - Returns: nil when they have more cards than one answer holds.
  func decks(_ ids: [Int64], withCards: Bool, until deadline: ContinuousClock.Instant) async throws -> [Found]? {
    let rows = try await pool.run(
      [Self.byIDs(.int8Array(ids), .bool(withCards)), Self.amount(.int8Array(ids))], until: deadline)
    let decks = try rows[0].map { row in
      var next = row.reader
      return Found(
        id: try next.next(), owner: try next.next(), title: try next.next(), visibility: try next.next(),
        cardsAmount: try next.next(), version: try next.next(), cards: try next.next())
    }
    guard decks.isEmpty, withCards, try rows[1][0].value(0, as: Int.self) > Self.mostCards else { return decks }
    return nil
  }
}
