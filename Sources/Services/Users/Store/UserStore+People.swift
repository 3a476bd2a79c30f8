import Postgres
import ServiceContract

extension UserStore {
  /// Those who have one of the addresses now, or one of the numbers, and are not disabled; by number.
  /// - Parameter caller: learners find themselves only.
  func people(
    emails: [EmailAddress], ids: [Int64], for caller: Caller, until deadline: ContinuousClock.Instant
  ) async throws -> [Account] {
    let call = Self.people(
      .textArray(emails.map(\.normalised)), .int8Array(ids), .int8(AccountAccess.onlyID(caller)))
    return try await pool.run(call, until: deadline).map(AccountRow.account)
  }

  /// Each half by its own index.
  private static let people = PostgresStatement(
    "users.people",
    """
    SELECT \(AccountRow.columns) FROM users
    WHERE id IN (
        SELECT id FROM users WHERE lower(email) = ANY ($1) AND deleted_at IS NULL
        UNION ALL SELECT id FROM users WHERE id = ANY ($2) AND deleted_at IS NULL)
      AND ($3 IS NULL OR id = $3)
    ORDER BY id
    """)
}
