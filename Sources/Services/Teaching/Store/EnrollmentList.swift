import Postgres
import ServiceContract

/// Pages of enrolments that are not over, the newest first: one's own and those of courses that one teaches; all for managers.
struct EnrollmentList: Sendable {
  let pool: PostgresPool

  func page(
    of course: Int64?, after place: PagePlace?, count: Int, for caller: Caller, until deadline: ContinuousClock.Instant
  ) async throws -> [Enrollment] {
    let place = PagePlace.bounded(place)
    var values: [PostgresValue] = [
      .timestamptz(PostgresTimestamp(microseconds: place.position)), .int8(place.id), .int8(count),
    ]
    if !caller.isManager { values.append(.int8(try caller.person())) }
    if let course { values.append(.int8(course)) }
    let statement =
      switch (caller.isManager, course != nil) {
      case (true, false): Self.all
      case (true, true): Self.allOfCourse
      case (false, false): Self.ownOrTaught
      case (false, true): Self.ownOrTaughtOfCourse
      }
    var enrollments: [Enrollment] = []
    for row in try await pool.run(PostgresCall(statement: statement, values: values), until: deadline) {
      enrollments.append(try Enrollment(row))
    }
    return enrollments
  }

  static func place(of enrollment: Enrollment) -> PagePlace {
    PagePlace(position: Int64(enrollment.enrolledAt.milliseconds) * 1000, id: enrollment.id)
  }

  private static let all = PostgresStatement("enrollments.all", page())
  private static let allOfCourse = PostgresStatement("enrollments.allOfCourse", page("e.course_id = $4"))
  private static let ownOrTaught = PostgresStatement(
    "enrollments.ownOrTaught", merged(page("e.user_id = $4"), page("c.teacher_id = $4")))
  private static let ownOrTaughtOfCourse = PostgresStatement(
    "enrollments.ownOrTaughtOfCourse",
    merged(page("e.user_id = $4 AND e.course_id = $5"), page("c.teacher_id = $4 AND e.course_id = $5")))

  private static func page(_ condition: String = "true") -> String {
    """
    SELECT \(Enrollment.columns), c.title FROM enrollments e JOIN courses c ON c.id = e.course_id
    WHERE (e.enrolled_at, e.id) < ($1, $2) AND e.unenrolled_at IS NULL AND \(condition)
    ORDER BY e.enrolled_at DESC, e.id DESC LIMIT $3
    """
  }

  /// Each half is read by an index of its own; a teacher may be enrolled in his course.
  private static func merged(_ one: String, _ other: String) -> String {
    "SELECT * FROM ((\(one)) UNION (\(other))) e ORDER BY e.enrolled_at DESC, e.id DESC LIMIT $3"
  }
}
