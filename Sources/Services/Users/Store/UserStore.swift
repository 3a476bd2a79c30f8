import Postgres
import ServiceContract
import ServiceStore

/// The accounts in Postgres, and the events of what happens to them, which are written in the same transaction.
///
/// Each call ends by its deadline, and throws `PostgresError` where the database fails.
package struct UserStore: Sendable {
  let pool: PostgresPool
  let outbox: OutboxWriter
  let signal: OutboxSignal

  /// - Parameter signal: is raised after each commit that wrote events.
  package init(pool: PostgresPool, outbox: OutboxWriter, signal: OutboxSignal) {
    self.pool = pool
    self.outbox = outbox
    self.signal = signal
  }

  /// Refuses what waits and all that comes, and waits for what is under way.
  package func close() async { await pool.close() }

  /// - Throws: `AccountProblem.notFound` for an account the caller may not know of.
  func account(
    _ id: Int64, for caller: Caller, until deadline: ContinuousClock.Instant
  ) async throws -> Account {
    let call = PostgresCall(statement: Self.byID, values: AccountAccess.values(id, for: caller))
    guard let row = try await pool.run(call, until: deadline).first else { throw AccountProblem.notFound }
    return try AccountRow.account(row)
  }

  /// The account that has the address now.
  /// - Throws: `AccountProblem.notFound`.
  func account(
    of email: EmailAddress, for caller: Caller, until deadline: ContinuousClock.Instant
  ) async throws -> Account {
    let call = Self.byEmail(.text(email.normalised), .int8(AccountAccess.onlyID(caller)))
    guard let row = try await pool.run(call, until: deadline).first else { throw AccountProblem.notFound }
    return try AccountRow.account(row)
  }

  /// All accounts that the caller may know of, newest first.
  func list(
    after place: PagePlace?, count: Int, for caller: Caller, until deadline: ContinuousClock.Instant
  ) async throws -> [Account] {
    // Rows before the end of time: one statement for the first page and the others.
    let (position, id) = (place?.position ?? PostgresTimestamp.max.microseconds, place?.id ?? .max)
    let call = Self.newest(
      .timestamptz(PostgresTimestamp(microseconds: position)), .int8(id), .int8(count), .bool(caller.isManager),
      .int8(AccountAccess.onlyID(caller)))
    return try await pool.run(call, until: deadline).map(AccountRow.account)
  }

  private static let byID = PostgresStatement(
    "users.byID", "SELECT \(AccountRow.columns) FROM users WHERE \(AccountAccess.visible)")
  private static let byEmail = PostgresStatement(
    "users.byEmail",
    """
    SELECT \(AccountRow.columns) FROM users
    WHERE lower(email) = $1 AND deleted_at IS NULL AND ($2 IS NULL OR id = $2)
    """)
  private static let newest = PostgresStatement(
    "users.newest",
    """
    SELECT \(AccountRow.columns) FROM users
    WHERE erased_at IS NULL AND (created_at, id) < ($1, $2) AND (deleted_at IS NULL OR $4) AND ($5 IS NULL OR id = $5)
    ORDER BY created_at DESC, id DESC LIMIT $3
    """)
}

extension PostgresTimestamp {
  /// Later than all that is stored: the end of the year 9999.
  fileprivate static let max = PostgresTimestamp(microseconds: 253_402_300_799_999_999)
}
