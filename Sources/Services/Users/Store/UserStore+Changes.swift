import EventSchema
import Postgres
import ServiceContract

extension UserStore {
  /// - Parameter now: milliseconds since 1970.
  /// - Throws: `AccountProblem.emailTaken`.
  func register(
    _ registration: Registration, _ hash: PasswordHash, isManager: Bool, at now: Int64,
    until deadline: ContinuousClock.Instant
  ) async throws -> Account {
    let insert = Self.insert(
      .text(registration.name.text), .text(registration.surname.text), .text(registration.email.normalised),
      .text(hash.phc), .bool(isManager), .moment(now))
    let account = try await refusingTakenAddresses {
      try await pool.transaction(until: deadline) { [outbox] transaction in
        guard let row = try transaction.run(insert).first else { throw AccountProblem.emailTaken }
        let account = try AccountRow.account(row)
        let event = EventPayload.userRegistered(
          userID: UInt64(account.id), email: account.email, registeredAtMs: now)
        transaction.runWithCommit([outbox.insert([.of(event, by: .auth, at: now)])])
        return account
      }
    }
    signal.raise()
    return account
  }

  /// - Parameters:
  ///   - proven: the version of the password that the caller has shown to know, where that was asked for.
  ///   - check: refuses a version that is not the one the caller has seen.
  ///   - endSessions: called in the transaction where there is a new password or a manager is none any more.
  /// - Throws: `AccountProblem`; what `check` throws.
  func change(
    _ id: Int64, _ change: AccountChange, password hash: PasswordHash?, proven: Int64?, for caller: Caller,
    at now: Int64, until deadline: ContinuousClock.Instant, check: @escaping @Sendable (Int64) throws -> Void,
    endSessions: @escaping @Sendable (Int64) throws -> Void
  ) async throws -> Account {
    let lock = PostgresCall(statement: Self.lock, values: AccountAccess.values(id, for: caller))
    let update = Self.update(
      .int8(id), .text(change.name?.text), .text(change.surname?.text), .text(change.email?.normalised),
      .bool(change.isManager), .text(hash?.phc), .moment(now))
    return try await refusingTakenAddresses {
      try await pool.transaction(until: deadline) { transaction in
        guard let row = try transaction.run(lock).first else { throw AccountProblem.notFound }
        let known = try AccountRow.credentials(row)
        try check(known.account.version)
        if let proven, proven != known.passwordVersion { throw AccountProblem.oldPasswordWrong }
        guard let changed = try transaction.run(update).first else { throw AccountProblem.notFound }
        let account = try AccountRow.account(changed)
        if hash != nil || known.account.isManager && !account.isManager { try endSessions(id) }
        return account
      }
    }
  }

  /// Disables the account, frees its address and ends its sessions.
  /// - Throws: `AccountProblem`; what `check` throws.
  func disable(
    _ id: Int64, for caller: Caller, at now: Int64, until deadline: ContinuousClock.Instant,
    check: @escaping @Sendable (Int64) throws -> Void, endSessions: @escaping @Sendable (Int64) throws -> Void
  ) async throws {
    let lock = PostgresCall(statement: Self.lock, values: AccountAccess.values(id, for: caller))
    try await pool.transaction(until: deadline) { [outbox] transaction in
      guard let row = try transaction.run(lock).first else { throw AccountProblem.notFound }
      try check(try AccountRow.account(row).version)
      _ = try transaction.run([Self.disable(.int8(id), .moment(now)), Self.forgetCode(.int8(id))])
      try endSessions(id)
      let event = EventPayload.userDeleted(userID: UInt64(id), deletedAtMs: now)
      transaction.runWithCommit([outbox.insert([.of(event, by: .users, at: now)])])
    }
    signal.raise()
  }

  private func refusingTakenAddresses<Value>(_ work: () async throws -> Value) async throws -> Value {
    do { return try await work() } catch let error as PostgresError
      where error.isUniqueViolation && error.constraint == "users_email"
    { throw AccountProblem.emailTaken }
  }

  private static let insert = PostgresStatement(
    "users.insert",
    """
    INSERT INTO users (name, surname, email, password_hash, is_manager, created_at, updated_at)
    VALUES ($1, $2, $3, $4, $5, $6, $6) RETURNING \(AccountRow.columns)
    """)
  private static let lock = PostgresStatement(
    "users.lock", "SELECT \(AccountRow.credentialColumns) FROM users WHERE \(AccountAccess.changeable) FOR UPDATE")
  private static let update = PostgresStatement(
    "users.update",
    """
    UPDATE users SET name = coalesce($2, name), surname = coalesce($3, surname), email = coalesce($4, email),
      is_manager = coalesce($5, is_manager), password_hash = coalesce($6, password_hash),
      password_version = password_version + CASE WHEN $6 IS NULL THEN 0 ELSE 1 END,
      version = version + 1, updated_at = $7
    WHERE id = $1 RETURNING \(AccountRow.columns)
    """)
  private static let disable = PostgresStatement(
    "users.disable", "UPDATE users SET deleted_at = $2, updated_at = $2, version = version + 1 WHERE id = $1")
  private static let forgetCode = PostgresStatement("users.forgetCode", "DELETE FROM reset_codes WHERE user_id = $1")
}
