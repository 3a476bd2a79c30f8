import Postgres

/// The SQL about decks.
enum DeckStatements {
  /// Locks a deck for a change of it or of its cards. Read it by a statement of its own afterwards: one that has waited here
  /// would still see its tags and categories as they were before.
  static let lock = PostgresStatement("decks.lock", "SELECT id FROM decks WHERE id = $1 FOR UPDATE")

  static let byID = PostgresStatement("decks.byID", "SELECT \(Deck.columns)\nFROM decks d WHERE d.id = $1")

  static let seen = PostgresStatement(
    "decks.seen", "SELECT \(Deck.columns)\nFROM decks d WHERE d.id = $1 AND \(DeckAccess.visible(2))")

  /// All that a request needs to know that it has the deck already.
  static let version = PostgresStatement(
    "decks.version", "SELECT d.version FROM decks d WHERE d.id = $1 AND \(DeckAccess.visible(2))")

  static let insert = PostgresStatement(
    "decks.insert",
    """
    INSERT INTO decks (owner_id, title, description, visibility, cards_amount, copied_from, created_at, updated_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $7) RETURNING id
    """)

  static let insertWithID = PostgresStatement(
    "decks.insertWithID",
    """
    INSERT INTO decks (id, owner_id, title, description, visibility, cards_amount, copied_from, created_at, updated_at)
    OVERRIDING SYSTEM VALUE VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $8)
    """)

  static let nextID = PostgresStatement("decks.nextID", "SELECT nextval(pg_get_serial_sequence('decks', 'id'))")

  static let update = PostgresStatement(
    "decks.update",
    """
    UPDATE decks SET title = $2, description = $3, visibility = $4, cards_amount = $5, version = $6, updated_at = $7
    WHERE id = $1
    """)

  static let delete = PostgresStatement("decks.delete", "DELETE FROM decks WHERE id = $1")

  static let categories = PostgresStatement("decks.categories", "SELECT id, slug FROM categories ORDER BY slug")

  static let clearCategories = PostgresStatement(
    "decks.clearCategories", "DELETE FROM deck_categories WHERE deck_id = $1")

  static let addCategories = PostgresStatement(
    "decks.addCategories", "INSERT INTO deck_categories (deck_id, category_id) SELECT $1, unnest($2::bigint[])")

  static let clearTags = PostgresStatement("decks.clearTags", "DELETE FROM deck_tags WHERE deck_id = $1")

  static let addTags = PostgresStatement(
    "decks.addTags", "INSERT INTO deck_tags (deck_id, tag) SELECT $1, unnest($2::text[])")
}
