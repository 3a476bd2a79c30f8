import EventSchema
import Postgres

extension UserStore {
  /// What an erased person is called; teaching and decks show it where his name was.
  static let erasedName = (name: "deleted", surname: "user")
  /// Known to nobody else: the purge's advisory lock.
  private static let erasureLock: Int64 = 0x6b61_7274_6572_6173

  /// Overwrites what is personal of those who were deleted before `limit`, at most `count` of them, the first deleted first; one
  /// purge at a time.
  ///
  /// All of it is one transaction: killed at any moment, it has happened with its events, or not at all.
  /// - Parameters:
  ///   - limit, now: milliseconds since 1970.
  /// - Returns: how many; nil if another purge is at work.
  func erase(
    deletedUntil limit: Int64, count: Int, at now: Int64, until deadline: ContinuousClock.Instant
  ) async throws -> Int? {
    let erased: Int? = try await pool.transaction(until: deadline) { [outbox] transaction in
      guard let lock = try transaction.run(Self.lockErasure(.int8(Self.erasureLock))).first else { return nil }
      guard try lock.value(0, as: Bool.self) else { return nil }
      let due = try transaction.run(Self.due(.moment(limit), .int8(count)))
      guard !due.isEmpty else { return 0 }
      let ids = try due.map { row in try row.value(0, as: Int64.self) }
      _ = try transaction.run([
        Self.erase(.int8Array(ids), .text(Self.erasedName.name), .text(Self.erasedName.surname), .moment(now)),
        Self.forgetCodes(.int8Array(ids)), Self.blankParked(.textArray(ids.map(String.init))),
      ])
      let events = ids.map { id in
        Event.of(.userErased(userID: UInt64(id), erasedAtMs: now), by: .users, at: now)
      }
      transaction.runWithCommit([outbox.insert(events)])
      return ids.count
    }
    if let erased, erased > 0 { signal.raise() }
    return erased
  }

  private static let lockErasure = PostgresStatement("users.lockErasure", "SELECT pg_try_advisory_xact_lock($1)")
  private static let due = PostgresStatement(
    "users.dueForErasure",
    """
    SELECT id FROM users WHERE deleted_at <= $1 AND erased_at IS NULL
    ORDER BY deleted_at, id LIMIT $2 FOR UPDATE
    """)
  private static let erase = PostgresStatement(
    "users.erase",
    """
    UPDATE users SET name = $2, surname = $3, email = 'erased-' || id || '@erased.invalid', password_hash = NULL,
      password_version = password_version + 1, last_login_at = NULL, version = version + 1, updated_at = $4,
      erased_at = $4
    WHERE id = ANY($1)
    """)
  /// A registration that Kafka refused waits for an operator, with the address in it.
  private static let blankParked = PostgresStatement(
    "users.blankParked",
    """
    UPDATE outbox_parked
    SET value = jsonb_set(value::jsonb, '{payload,email}', to_jsonb('erased-' || key || '@erased.invalid'))::text
    WHERE topic = 'user.events' AND key = ANY($1) AND value::jsonb -> 'payload' ? 'email'
    """)
  private static let forgetCodes = PostgresStatement(
    "users.forgetCodes", "DELETE FROM reset_codes WHERE user_id = ANY($1)")
}
