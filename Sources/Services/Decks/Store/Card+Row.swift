import Postgres

extension Card {
  /// Of `cards c`, in the order in which ``init(_:)`` reads them.
  static let columns = """
    c.id, c.deck_id, c.front_text, c.back_text, c.front_image_key, c.back_image_key, c.order_index, c.version,
      c.created_at, c.updated_at
    """

  init(_ row: PostgresRow) throws(PostgresError) {
    var fields = row.reader
    id = try fields.next()
    deckID = try fields.next()
    frontText = try fields.next()
    backText = try fields.next()
    frontImage = try fields.next(String?.self).flatMap { CardImageKey($0) }
    backImage = try fields.next(String?.self).flatMap { CardImageKey($0) }
    orderIndex = try fields.next()
    version = try fields.next()
    created = try fields.moment()
    updated = try fields.moment()
  }
}

extension PostgresRows {
  func cards() throws(PostgresError) -> [Card] {
    var cards: [Card] = []
    cards.reserveCapacity(count)
    for row in self { cards.append(try Card(row)) }
    return cards
  }

  /// The first column.
  func values<Value: PostgresDecodable>(_ type: Value.Type = Value.self) throws(PostgresError) -> [Value] {
    var values: [Value] = []
    values.reserveCapacity(count)
    for row in self { values.append(try row.value(0)) }
    return values
  }
}
