import Postgres

extension Deck {
  /// Of `decks d`, in the order in which ``init(_:)`` reads them.
  static let columns = """
    d.id, d.owner_id, d.title, d.description, d.visibility, d.cards_amount, d.version, d.copied_from, d.owner_erased,
      d.created_at, d.updated_at,
      ARRAY(SELECT c.slug FROM deck_categories dc JOIN categories c ON c.id = dc.category_id
        WHERE dc.deck_id = d.id ORDER BY c.slug COLLATE "C"),
      ARRAY(SELECT t.tag FROM deck_tags t WHERE t.deck_id = d.id ORDER BY t.tag COLLATE "C")
    """

  init(_ row: PostgresRow) throws(PostgresError) {
    var fields = row.reader
    id = try fields.next()
    ownerID = try fields.next()
    title = try fields.next()
    description = try fields.next()
    visibility = try fields.next(String.self) == DeckVisibility.everyone.rawValue ? .everyone : .owner
    cardsAmount = try fields.next()
    version = try fields.next()
    copiedFrom = try fields.next()
    isOwnerErased = try fields.next()
    created = try fields.moment()
    updated = try fields.moment()
    categories = try fields.next()
    tags = try fields.next()
  }
}
