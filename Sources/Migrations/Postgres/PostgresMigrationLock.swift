import Postgres

/// The advisory lock by which one runner at a time migrates a Postgres database. It belongs to the session, and ends with it.
struct PostgresMigrationLock {
  let connection: PostgresConnection

  /// Ours among all advisory locks of the database; "kartotek" in ASCII.
  static let key: Int64 = 0x6b61_7274_6f74_656b

  private static let take = PostgresStatement(unprepared: "SELECT pg_try_advisory_lock($1)")
  private static let release = PostgresStatement(unprepared: "SELECT pg_advisory_unlock($1)")
  private static let holder = PostgresStatement(
    unprepared: """
      SELECT coalesce(nullif(a.application_name, ''), 'without a name') || ', process ' || l.pid
      FROM pg_locks l LEFT JOIN pg_stat_activity a USING (pid)
      WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 1
          AND l.classid = ($1 >> 32)::oid AND l.objid = ($1 & 4294967295)::oid
          AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
      """)

  /// Tries once; nil if the lock is ours now, else who holds it.
  func tryAcquire(until deadline: ContinuousClock.Instant) throws(PostgresError) -> String? {
    let taken: Bool? = try connection.run(Self.take(.int8(Self.key)), until: deadline).first?.value(0)
    if taken == true { return nil }
    let holder: String?? = try connection.run(Self.holder(.int8(Self.key)), until: deadline).first?.value(0)
    return (holder ?? nil) ?? "unknown"
  }

  func release(until deadline: ContinuousClock.Instant) throws(PostgresError) {
    try connection.run(Self.release(.int8(Self.key)), until: deadline)
  }
}
