import Postgres
import ServiceStore

/// The SQL about who is in which course.
enum EnrollmentStatements {
  /// Of a person, who may have been in the course before; no row: he is in it.
  static let enroll = PostgresStatement(
    "enrollments.enroll",
    """
    INSERT INTO enrollments AS e (course_id, user_id, enrolled_at) VALUES ($1, $2, $3) \(again)
    """)

  /// Of several people, always in one order: two batches do not wait for each other.
  static let enrollAll = PostgresStatement(
    "enrollments.enrollAll",
    """
    INSERT INTO enrollments AS e (course_id, user_id, enrolled_at)
    SELECT $1, n.id, $3 FROM unnest($2::bigint[]) AS n (id) ORDER BY n.id \(again)
    """)

  private static let again = """
    ON CONFLICT (course_id, user_id) DO UPDATE SET enrolled_at = excluded.enrolled_at, unenrolled_at = NULL
    WHERE e.unenrolled_at IS NOT NULL
    RETURNING \(Enrollment.columns)
    """

  static let ofPeople = PostgresStatement(
    "enrollments.ofPeople", "SELECT id, user_id FROM enrollments WHERE course_id = $1 AND user_id = ANY ($2)")

  /// Holds for a row of `enrollments e` with its `courses c` that the person `$first` may see, everybody's if `$first + 1`.
  static func visible(_ first: Int) -> String {
    "e.unenrolled_at IS NULL AND (e.user_id = $\(first) OR c.teacher_id = $\(first) OR $\(first + 1))"
  }

  /// Locks an enrolment, its course against changes first.
  static let lock = PostgresStatement(
    "enrollments.lock",
    """
    SELECT \(Enrollment.columns), c.title
    FROM courses c JOIN enrollments e ON e.course_id = c.id
    WHERE e.id = $1 AND \(visible(2)) FOR SHARE OF c FOR UPDATE OF e
    """)

  static let leave = PostgresStatement(
    "enrollments.leave", "UPDATE enrollments SET unenrolled_at = $2 WHERE id = $1")

  static let deckOfPlace = PostgresStatement(
    "enrollments.deckOfPlace", "SELECT deck_id FROM course_decks WHERE id = $1 AND course_id = $2")

  /// No row: he was through with it before.
  static let completeDeck = PostgresStatement(
    "enrollments.completeDeck",
    """
    INSERT INTO deck_completions (enrollment_id, deck_id, completed_at, by_hand) VALUES ($1, $2, $3, true)
    ON CONFLICT DO NOTHING RETURNING deck_id
    """)

  /// How many decks of the course are left to do.
  static let left = PostgresStatement(
    "enrollments.left",
    """
    SELECT count(*) FROM course_decks d WHERE d.course_id = $2
      AND NOT EXISTS (SELECT 1 FROM deck_completions p WHERE p.enrollment_id = $1 AND p.deck_id = d.deck_id)
    """)

  static let complete = PostgresStatement(
    "enrollments.complete", "UPDATE enrollments SET completed_at = $2 WHERE id = $1")
}

extension Enrollment {
  /// Of `enrollments e`, in the order in which ``init(_:courseTitle:)`` reads them.
  static let columns = "e.id, e.course_id, e.user_id, e.enrolled_at, e.unenrolled_at, e.completed_at"

  /// - Parameter courseTitle: nil: it stands behind these columns.
  init(_ row: PostgresRow, courseTitle: String? = nil) throws(PostgresError) {
    var fields = row.reader
    id = try fields.next()
    courseID = try fields.next()
    userID = try fields.next()
    enrolledAt = try fields.moment()
    unenrolledAt = try fields.momentIfAny()
    completedAt = try fields.momentIfAny()
    if let courseTitle { self.courseTitle = courseTitle } else { self.courseTitle = try fields.next() }
  }
}
