import EventSchema
import Postgres
import ServiceContract

extension UserStore {
  /// What whoever logs in with the address must prove; nil if nobody can.
  func credentials(of email: EmailAddress, until deadline: ContinuousClock.Instant) async throws -> Credentials? {
    try await pool.run(Self.credentialsByEmail(.text(email.normalised)), until: deadline).first
      .map(AccountRow.credentials)
  }

  /// What the account's owner must prove before it is changed.
  /// - Throws: `AccountProblem.notFound` for an account the caller may not change.
  func credentials(
    of id: Int64, for caller: Caller, until deadline: ContinuousClock.Instant
  ) async throws -> Credentials {
    let call = PostgresCall(statement: Self.credentialsByID, values: AccountAccess.values(id, for: caller))
    guard let row = try await pool.run(call, until: deadline).first else { throw AccountProblem.notFound }
    return try AccountRow.credentials(row)
  }

  /// Notes a login with the credentials that were verified.
  /// - Parameters:
  ///   - rehashed: to be kept instead of a weaker hash of the same password.
  ///   - now: milliseconds since 1970.
  /// - Returns: nil if the password is another meanwhile, or the account disabled.
  func recordLogin(
    _ verified: Credentials, rehashed: PasswordHash?, timeZone: String?, at now: Int64,
    until deadline: ContinuousClock.Instant
  ) async throws -> Account? {
    let update = Self.recordLogin(
      .int8(verified.account.id), .int8(verified.passwordVersion), .moment(now), .text(rehashed?.phc))
    let account: Account? = try await pool.transaction(until: deadline) { [outbox] transaction in
      guard let row = try transaction.run(update).first else { return nil }
      let account = try AccountRow.account(row)
      let event = EventPayload.userLoggedIn(userID: UInt64(account.id), loggedInAtMs: now, timezone: timeZone)
      transaction.runWithCommit([outbox.insert([.of(event, by: .auth, at: now)])])
      return account
    }
    if account != nil { signal.raise() }
    return account
  }

  private static let credentialsByEmail = PostgresStatement(
    "users.credentialsByEmail",
    "SELECT \(AccountRow.credentialColumns) FROM users WHERE lower(email) = $1 AND deleted_at IS NULL")
  private static let credentialsByID = PostgresStatement(
    "users.credentialsByID", "SELECT \(AccountRow.credentialColumns) FROM users WHERE \(AccountAccess.changeable)")
  private static let recordLogin = PostgresStatement(
    "users.recordLogin",
    """
    UPDATE users SET last_login_at = greatest(last_login_at, $3), password_hash = coalesce($4, password_hash)
    WHERE id = $1 AND password_version = $2 AND deleted_at IS NULL RETURNING \(AccountRow.columns)
    """)
}
