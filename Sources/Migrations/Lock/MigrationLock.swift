import ClickHouse

/// The table `schema_lock`, by which one runner at a time migrates a database. See ``LockLog`` for how it decides.
struct MigrationLock {
  let connection: ClickHouseConnection
  let runner: String
  let claim: String
  let leaseMs: Int

  init(
    connection: ClickHouseConnection, runner: String, claim: String = ClickHouseUUID.random().description, leaseMs: Int
  ) {
    self.connection = connection
    self.runner = runner
    self.claim = claim
    self.leaseMs = leaseMs
  }

  func create() throws(ClickHouseError) {
    try connection.execute(
      """
      CREATE TABLE IF NOT EXISTS schema_lock
      (
          kind       LowCardinality(String)  COMMENT 'claim, renew, release',
          claim      UUID                    COMMENT 'one attempt of one runner',
          runner     String,
          written_at DateTime64(3, 'UTC'),
          expires_at DateTime64(3, 'UTC')
      )
      ENGINE = MergeTree
      ORDER BY written_at
      TTL toDateTime(written_at) + INTERVAL 30 DAY
      SETTINGS enable_block_number_column = 1
      """)
  }

  /// Tries once; nil if the lock is ours now, else who holds it.
  func tryAcquire() throws(ClickHouseError) -> String? {
    let (log, now) = try read()
    if let holder = log.holder, !log.isFree(atMs: now) { return holder.runner }
    try write(.claim)
    let holder = try read().log.holder
    return holder?.claim == claim ? nil : holder?.runner ?? "unknown"
  }

  /// False if the lock is no longer ours.
  func renew() throws(ClickHouseError) -> Bool {
    try write(.renew)
    return try read().log.holder?.claim == claim
  }

  func release() throws(ClickHouseError) { try write(.release) }

  private func write(_ kind: LockLog.Kind) throws(ClickHouseError) {
    try connection.execute(
      """
      INSERT INTO schema_lock (kind, claim, runner, written_at, expires_at)
      SELECT {kind:String}, {claim:UUID}, {runner:String}, now64(3), now64(3) + toIntervalMillisecond({lease:UInt32})
      """,
      parameters: ["kind": kind.rawValue, "claim": claim, "runner": runner, "lease": leaseMs],
      settings: ["async_insert": "0"])
  }

  private func read() throws(ClickHouseError) -> (log: LockLog, nowMs: Int64) {
    var now: Int64 = 0
    var entries: [LockLog.Entry] = []
    for row in try connection.rows(
      """
      SELECT kind, claim, runner, toUnixTimestamp64Milli(written_at), toUnixTimestamp64Milli(expires_at),
          toUnixTimestamp64Milli(now64(3))
      FROM schema_lock ORDER BY _block_number
      """)
    {
      guard row.count == 6, let kind = LockLog.Kind(rawValue: row[0]), let written = Int64(row[3]),
        let expires = Int64(row[4]), let answered = Int64(row[5])
      else { throw .protocolViolation("schema_lock holds a line this version does not know: \(row)") }
      now = answered
      entries.append(
        LockLog.Entry(kind: kind, claim: row[1], runner: row[2], writtenAtMs: written, expiresAtMs: expires))
    }
    return (LockLog(entries), now)
  }
}
