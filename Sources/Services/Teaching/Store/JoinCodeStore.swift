import CivilTime
import HTTPService
import Postgres
import ServiceContract
import ServiceStore

/// The codes of courses in the database.
struct JoinCodeStore: Sendable {
  static let notFound = FailureDeclaration(.notFound, "JOIN_CODE_NOT_FOUND", "The course has no such code.")
  static let full = FailureDeclaration(
    .conflict, "TOO_MANY_CODES", "A course has at most \(CourseLimits.joinCodes) codes: revoke one first.")
  private static let tries = 3

  let pool: PostgresPool

  /// - Throws: 404, 403, 409.
  func create(
    expiresAt: Instant?, of course: Int64, for access: CourseAccess, at now: Int64,
    until deadline: ContinuousClock.Instant
  ) async throws -> IssuedCode {
    try await pool.transaction(until: deadline) { transaction in
      _ = try CourseStore.lock(course, for: access, ifMatch: nil, in: transaction)
      let count: Int = try transaction.run(Self.count(.int8(course)))[0].value(0)
      guard count < CourseLimits.joinCodes else { throw Self.full.failure() }
      for _ in 0..<Self.tries {
        let call = Self.insert(.int8(course), .text(JoinCode().text), .moment(now), .moment(expiresAt))
        // Another course may have it, or have had it.
        if let row = try transaction.run(call).first { return try IssuedCode(row) }
      }
      throw PostgresError.protocolViolation("each of \(Self.tries) random codes was taken")
    }
  }

  /// Those that are not revoked, the newest first.
  /// - Throws: 404, 403.
  func list(
    of course: Int64, for access: CourseAccess, until deadline: ContinuousClock.Instant
  ) async throws -> [IssuedCode] {
    let rows = try await pool.run(
      [
        PostgresCall(statement: CourseStatements.seen, values: [.int8(course)] + access.parameters),
        Self.list(.int8(course)),
      ], until: deadline)
    _ = try CourseStore.changeable(rows[0], for: access)
    var codes: [IssuedCode] = []
    for row in rows[1] { codes.append(try IssuedCode(row)) }
    return codes
  }

  /// From now on it opens nothing.
  /// - Throws: 404, 403.
  func revoke(
    _ code: JoinCode?, of course: Int64, for access: CourseAccess, at now: Int64,
    until deadline: ContinuousClock.Instant
  ) async throws {
    try await pool.transaction(until: deadline) { transaction in
      _ = try CourseStore.lock(course, for: access, ifMatch: nil, in: transaction)
      guard let code,
        try transaction.run(Self.revoke(.int8(course), .text(code.text), .moment(now))).affected > 0
      else { throw Self.notFound.failure() }
    }
  }

  /// The course that a code opens, shared, with whether the person `$2` is enrolled; no row: it opens none.
  static let open = PostgresStatement(
    "joinCodes.open",
    """
    SELECT \(Course.columns), \(CourseAccess.enrolled(2))
    FROM courses c JOIN join_codes j ON j.course_id = c.id
    WHERE j.code = $1 AND j.revoked_at IS NULL AND (j.expires_at IS NULL OR j.expires_at > $3)
      AND ($4::bigint IS NULL OR c.id = $4)
    FOR SHARE OF c, j
    """)

  private static let columns = "id, code, created_at, expires_at"
  private static let count = PostgresStatement(
    "joinCodes.count", "SELECT count(*) FROM join_codes WHERE course_id = $1 AND revoked_at IS NULL")
  private static let insert = PostgresStatement(
    "joinCodes.insert",
    """
    INSERT INTO join_codes (course_id, code, created_at, expires_at) VALUES ($1, $2, $3, $4)
    ON CONFLICT (code) DO NOTHING RETURNING \(columns)
    """)
  private static let list = PostgresStatement(
    "joinCodes.list",
    """
    SELECT \(columns) FROM join_codes WHERE course_id = $1 AND revoked_at IS NULL ORDER BY created_at DESC, id DESC
    """)
  private static let revoke = PostgresStatement(
    "joinCodes.revoke",
    "UPDATE join_codes SET revoked_at = $3 WHERE course_id = $1 AND code = $2 AND revoked_at IS NULL")
}

extension IssuedCode {
  fileprivate init(_ row: PostgresRow) throws(PostgresError) {
    var fields = row.reader
    id = try fields.next()
    code = try fields.next()
    createdAt = try fields.moment()
    expiresAt = try fields.momentIfAny()
  }
}
