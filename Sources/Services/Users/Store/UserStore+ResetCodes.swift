import CivilTime
import Postgres
import ServiceContract

extension UserStore {
  /// Keeps the grant in place of the person's last one.
  /// - Throws: `AccountProblem.notFound`.
  func keep(
    _ grant: ResetGrant, to person: Int64, by caller: Caller, until deadline: ContinuousClock.Instant
  ) async throws {
    let call = PostgresCall(
      statement: Self.keepGrant,
      values: AccountAccess.values(person, for: caller) + [
        .bytea(grant.digest), .int8(try caller.person()), .moment(Int64(grant.expiresAt.milliseconds)),
      ])
    guard try await pool.run(call, until: deadline).affected == 1 else { throw AccountProblem.notFound }
  }

  /// Counts a try, right or wrong, before anything is compared: however many are made at once, no more get through.
  /// - Returns: nil if there is no grant, or it was tried `mostTries` times.
  func tryGrant(
    of email: EmailAddress, mostTries: Int, until deadline: ContinuousClock.Instant
  ) async throws -> (account: Account, grant: ResetGrant)? {
    // Not waited for on disk: the answer must not take longer where there is a code.
    let rows = try await pool.run(
      [Self.lazyCommit(), Self.tryGrant(.text(email.normalised), .int8(mostTries))], until: deadline)
    guard let row = rows.last?.first else { return nil }
    let grant = ResetGrant(
      digest: try row.value("digest"), expiresAt: Instant(try row.value("expires_at")),
      usedAt: try row.value("used_at", as: PostgresTimestamp?.self).map(Instant.init))
    return (try AccountRow.account(row), grant)
  }

  /// For who knows the code and has not got the password right yet.
  func forgiveTries(of person: Int64, until deadline: ContinuousClock.Instant) async throws {
    try await pool.run(Self.forgiveTries(.int8(person)), until: deadline)
  }

  /// Sets the password, and uses the grant up.
  /// - Parameter now: milliseconds since 1970, as the request has it.
  /// - Throws: `AccountProblem.resetRefused` if another request was first, or a newer code was issued.
  func redeem(
    _ grant: ResetGrant, of person: Int64, _ hash: PasswordHash, at now: Int64,
    until deadline: ContinuousClock.Instant, endSessions: @escaping @Sendable (Int64) throws -> Void
  ) async throws {
    let used = grant.usedAt.map { PostgresTimestamp(milliseconds: $0.milliseconds) }
    try await pool.transaction(until: deadline) { transaction in
      // The person's row first, as everywhere.
      let changed = try transaction.run([
        Self.setPassword(.int8(person), .text(hash.phc), .moment(now)),
        Self.useGrant(.int8(person), .bytea(grant.digest), .timestamptz(used)),
      ])
      guard changed.allSatisfy({ $0.affected == 1 }) else { throw AccountProblem.resetRefused }
      try endSessions(person)
    }
  }

  private static let keepGrant = PostgresStatement(
    "users.keepGrant",
    """
    INSERT INTO reset_codes (user_id, digest, issued_by, expires_at)
    SELECT id, $4, $5, $6 FROM users WHERE \(AccountAccess.changeable) FOR UPDATE
    ON CONFLICT (user_id) DO UPDATE SET digest = excluded.digest, issued_by = excluded.issued_by,
      expires_at = excluded.expires_at, used_at = NULL, tries = 0
    """)
  private static let lazyCommit = PostgresStatement(
    "users.lazyCommit", "SELECT set_config('synchronous_commit', 'off', true)")
  private static let tryGrant = PostgresStatement(
    "users.tryGrant",
    """
    WITH known AS (SELECT \(AccountRow.columns) FROM users WHERE lower(email) = $1 AND deleted_at IS NULL)
    UPDATE reset_codes SET tries = tries + 1 FROM known WHERE user_id = known.id AND tries < $2
    RETURNING known.*, digest, expires_at, used_at
    """)
  private static let forgiveTries = PostgresStatement(
    "users.forgiveTries", "UPDATE reset_codes SET tries = 0 WHERE user_id = $1")
  private static let setPassword = PostgresStatement(
    "users.setPassword",
    """
    UPDATE users SET password_hash = $2, password_version = password_version + 1, updated_at = $3
    WHERE id = $1 AND deleted_at IS NULL
    """)
  private static let useGrant = PostgresStatement(
    "users.useGrant",
    "UPDATE reset_codes SET used_at = $3 WHERE user_id = $1 AND digest = $2 AND used_at IS NULL AND expires_at > $3")
}
