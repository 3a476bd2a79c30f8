import Postgres
import ServiceStore

extension Course {
  /// Of `courses c`, in the order in which ``init(_:)`` reads them.
  static let columns =
    "c.id, c.teacher_id, c.title, c.description, c.is_published, c.version, c.created_at, c.updated_at"

  init(_ row: PostgresRow) throws(PostgresError) {
    var fields = row.reader
    try self.init(&fields)
  }

  init(_ fields: inout PostgresRowReader) throws(PostgresError) {
    id = try fields.next()
    teacherID = try fields.next()
    title = try fields.next()
    description = try fields.next()
    isPublished = try fields.next()
    version = try fields.next()
    created = try fields.moment()
    updated = try fields.moment()
  }
}

extension CourseDeck {
  /// Of `course_decks d`.
  static let columns = "d.id, d.deck_id, d.order_index, d.added_at"

  init(_ row: PostgresRow) throws(PostgresError) {
    var fields = row.reader
    id = try fields.next()
    deckID = try fields.next()
    orderIndex = try fields.next()
    added = try fields.moment()
  }
}
