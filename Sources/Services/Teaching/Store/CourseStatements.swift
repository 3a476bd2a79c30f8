import Postgres

/// The SQL about courses and the decks in them.
enum CourseStatements {
  static let seen = PostgresStatement(
    "courses.seen", "SELECT \(Course.columns)\nFROM courses c WHERE c.id = $1 AND \(CourseAccess.visible(2))")

  /// Locks a course for a change of it or of its decks. Whether the person `$2` is enrolled stands behind its columns.
  static let lock = PostgresStatement(
    "courses.lock",
    "SELECT \(Course.columns), \(CourseAccess.enrolled(2))\nFROM courses c WHERE c.id = $1 FOR UPDATE OF c")

  /// The same, against changes of it only: people may enrol side by side.
  static let share = PostgresStatement(
    "courses.share",
    "SELECT \(Course.columns), \(CourseAccess.enrolled(2))\nFROM courses c WHERE c.id = $1 FOR SHARE OF c")

  static let insert = PostgresStatement(
    "courses.insert",
    """
    INSERT INTO courses AS c (teacher_id, title, description, created_at, updated_at) VALUES ($1, $2, $3, $4, $4)
    RETURNING \(Course.columns)
    """)

  static let update = PostgresStatement(
    "courses.update",
    """
    UPDATE courses SET teacher_id = $2, title = $3, description = $4, is_published = $5, version = $6, updated_at = $7
    WHERE id = $1
    """)

  static let delete = PostgresStatement("courses.delete", "DELETE FROM courses WHERE id = $1")

  static let decks = PostgresStatement(
    "courses.decks",
    "SELECT \(CourseDeck.columns) FROM course_decks d WHERE d.course_id = $1 ORDER BY d.order_index, d.id")

  static let addDecks = PostgresStatement(
    "courses.addDecks",
    """
    INSERT INTO course_decks AS d (course_id, deck_id, order_index, added_at)
    SELECT $1, n.deck_id, n.order_index, $4
    FROM unnest($2::bigint[], $3::bigint[]) WITH ORDINALITY AS n (deck_id, order_index, place) ORDER BY n.place
    RETURNING \(CourseDeck.columns)
    """)

  static let moveDecks = PostgresStatement(
    "courses.moveDecks",
    """
    UPDATE course_decks d SET order_index = n.order_index
    FROM unnest($1::bigint[], $2::bigint[]) AS n (id, order_index) WHERE d.id = n.id
    """)

  static let removeDeck = PostgresStatement("courses.removeDeck", "DELETE FROM course_decks WHERE id = $1")
}
