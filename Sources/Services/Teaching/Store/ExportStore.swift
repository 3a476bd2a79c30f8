import Postgres
import ServiceStore

/// What is in the database of one person.
struct ExportStore: Sendable {
  private static let courses = PostgresStatement(
    "export.courses", "SELECT \(Course.columns) FROM courses c WHERE c.teacher_id = $1 ORDER BY c.id")
  private static let enrollments = PostgresStatement(
    "export.enrollments",
    """
    SELECT \(Enrollment.columns), c.title FROM enrollments e JOIN courses c ON c.id = e.course_id
    WHERE e.user_id = $1 ORDER BY e.id
    """)
  private static let completions = PostgresStatement(
    "export.completions",
    """
    SELECT p.enrollment_id, p.deck_id, p.completed_at, p.by_hand
    FROM deck_completions p JOIN enrollments e ON e.id = p.enrollment_id
    WHERE e.user_id = $1 ORDER BY p.enrollment_id, p.deck_id
    """)

  let pool: PostgresPool

  /// Of one moment.
  func export(of person: Int64, until deadline: ContinuousClock.Instant) async throws -> PersonalExport {
    try await pool.transaction(.repeatableRead, until: deadline) { transaction in
      let rows = try transaction.run([
        Self.courses(.int8(person)), Self.enrollments(.int8(person)), Self.completions(.int8(person)),
      ])
      var completions: [Int64: [DeckCompletion]] = [:]
      for row in rows[2] {
        let completion = try DeckCompletion(row)
        completions[completion.enrollmentID, default: []].append(completion)
      }
      let enrollments = try rows[1].map { try Enrollment($0) }
      return PersonalExport(
        courses: try rows[0].map { try Course($0) },
        enrollments: enrollments.map { ExportedEnrollment(enrollment: $0, completions: completions[$0.id] ?? []) })
    }
  }
}

extension DeckCompletion {
  fileprivate init(_ row: PostgresRow) throws(PostgresError) {
    var fields = row.reader
    enrollmentID = try fields.next()
    deckID = try fields.next()
    completedAt = try fields.moment()
    isByHand = try fields.next()
  }
}
