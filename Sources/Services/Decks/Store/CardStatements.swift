import Postgres

/// The SQL about cards. Each change of one is made while its deck is locked.
enum CardStatements {
  private static let order = "ORDER BY c.order_index, c.id"

  /// A deck's, where the caller may see it.
  static let ofDeck = PostgresStatement(
    "cards.ofDeck",
    """
    SELECT \(Card.columns)
    FROM cards c WHERE c.deck_id = $1 AND EXISTS (SELECT FROM decks d WHERE d.id = $1 AND \(DeckAccess.visible(2)))
    \(order)
    """)

  static let ofLockedDeck = PostgresStatement(
    "cards.ofLockedDeck", "SELECT \(Card.columns)\nFROM cards c WHERE c.deck_id = $1 \(order)")

  static let byID = PostgresStatement(
    "cards.byID", "SELECT \(Card.columns)\nFROM cards c WHERE c.deck_id = $1 AND c.id = ANY ($2)")

  static let imagesOfDecks = PostgresStatement(
    "cards.imagesOfDecks",
    "SELECT deck_id, id, front_image_key, back_image_key FROM cards WHERE deck_id = ANY ($1) ORDER BY id")

  static let nextIDs = PostgresStatement(
    "cards.nextIDs", "SELECT nextval(pg_get_serial_sequence('cards', 'id')) FROM generate_series(1, $1)")

  private static let insert = PostgresStatement(
    "cards.insert",
    """
    INSERT INTO cards (id, deck_id, front_text, back_text, front_image_key, back_image_key, order_index, created_at, updated_at)
    OVERRIDING SYSTEM VALUE
    SELECT n.id, $1, n.front_text, n.back_text, nullif(n.front_image, ''), nullif(n.back_image, ''), n.order_index, $8, $8
    FROM unnest($2::bigint[], $3::text[], $4::text[], $5::text[], $6::text[], $7::bigint[])
      AS n (id, front_text, back_text, front_image, back_image, order_index)
    """)

  private static let update = PostgresStatement(
    "cards.update",
    """
    UPDATE cards c SET front_text = n.front_text, back_text = n.back_text, front_image_key = nullif(n.front_image, ''),
      back_image_key = nullif(n.back_image, ''), order_index = n.order_index, version = c.version + 1, updated_at = $8
    FROM unnest($2::bigint[], $3::text[], $4::text[], $5::text[], $6::text[], $7::bigint[])
      AS n (id, front_text, back_text, front_image, back_image, order_index)
    WHERE c.id = n.id AND c.deck_id = $1
    """)

  private static let delete = PostgresStatement(
    "cards.delete", "DELETE FROM cards WHERE deck_id = $1 AND id = ANY ($2)")

  static func insert(_ cards: [Card], into deck: Int64, at now: Int64) -> PostgresCall {
    PostgresCall(statement: insert, values: values(cards, deck, now))
  }

  static func update(_ cards: [Card], of deck: Int64, at now: Int64) -> PostgresCall {
    PostgresCall(statement: update, values: values(cards, deck, now))
  }

  static func delete(_ cards: [Int64], of deck: Int64) -> PostgresCall {
    delete(.int8(deck), .int8Array(cards))
  }

  private static func values(_ cards: [Card], _ deck: Int64, _ now: Int64) -> [PostgresValue] {
    [
      .int8(deck), .int8Array(cards.map(\.id)), .textArray(cards.map(\.frontText)), .textArray(cards.map(\.backText)),
      .textArray(cards.map { $0.frontImage?.text ?? "" }), .textArray(cards.map { $0.backImage?.text ?? "" }),
      .int8Array(cards.map { Int64($0.orderIndex) }), .moment(now),
    ]
  }
}
