import Postgres

/// The outbox of a Postgres database, over one session that holds the relays' lock.
package final class OutboxTable: RelayTable {
  /// Ours among all advisory locks of the database; "outbox" in ASCII.
  static let lock: Int64 = 0x6f75_7462_6f78
  /// For one step; the server is told it.
  private static let patience = Duration.seconds(5)

  /// A relay that hangs, or whose machine is gone, loses its session, and with it the lock. A living one is never silent
  /// for long.
  ///
  /// Its commits are not waited for until they are on the disk: a DELETE that a crash of Postgres undoes is a row sent again, as
  /// after any kill between Kafka's acknowledgement and the DELETE.
  private static let settings = PostgresStatement(
    unprepared: """
      SELECT set_config('idle_session_timeout', '15s', false), set_config('tcp_keepalives_idle', '5', false),
        set_config('tcp_keepalives_interval', '5', false), set_config('tcp_keepalives_count', '3', false),
        set_config('synchronous_commit', 'off', false)
      """)
  private static let tryLock = PostgresStatement(unprepared: "SELECT pg_try_advisory_lock($1)")

  /// The next rows by id, up to the first that may not be sent yet. A row may be sent once every transaction that began
  /// to write before its own did is over. What is not read is no more than that: a row behind one that waits could be of
  /// the same key, and of a transaction that began earlier and wrote later.
  ///
  /// Not prepared, so that the ids are known when it is planned: only then are they looked up by hash.
  private static let read = PostgresStatement(
    unprepared: """
      SELECT id, topic, key, CASE WHEN waiting = 0 THEN value END, bytes,
        extract(epoch FROM clock_timestamp() - created_at)::float8
      FROM (
        SELECT id, topic, key, value, created_at,
          count(*) FILTER (WHERE xid >= (SELECT pg_snapshot_xmin(pg_current_snapshot()))) OVER ahead AS waiting,
          sum(octet_length(value)) OVER ahead AS bytes
        FROM outbox
        WHERE id <> ALL ($1) AND topic <> ALL ($2)
        WINDOW ahead AS (ORDER BY id)
        ORDER BY id
        LIMIT $3
      ) AS head
      WHERE waiting <= 1 AND bytes - octet_length(value) < $4
      ORDER BY id
      """)
  /// Not prepared either: a plan made while the table was small reads all of it, which took 200 ms a batch once it had 100,000
  /// rows, and is kept until the table is analyzed.
  private static let delete = PostgresStatement(unprepared: "DELETE FROM outbox WHERE id = ANY ($1)")
  private static let park = PostgresStatement(
    "outbox.park",
    """
    WITH refused AS (DELETE FROM outbox WHERE id = $1 RETURNING id, xid, event_id, topic, key, value, created_at)
    INSERT INTO outbox_parked (id, xid, event_id, topic, key, value, created_at, reason)
    SELECT id, xid, event_id, topic, key, value, created_at, $2 FROM refused
    """)
  private static let backlog = PostgresStatement(
    "outbox.backlog",
    """
    SELECT (SELECT count(*) FROM (SELECT FROM outbox LIMIT 100000) AS counted),
      (SELECT extract(epoch FROM clock_timestamp() - created_at)::float8 FROM outbox ORDER BY id LIMIT 1),
      (SELECT count(*) FROM outbox_parked)
    """)

  private let configuration: PostgresConfiguration
  private var connection: PostgresConnection?

  package init(_ configuration: PostgresConfiguration) {
    var configuration = configuration
    configuration.applicationName += " outbox"
    self.configuration = configuration
  }

  package func lead() throws(RelayFailure) -> Bool {
    if connection == nil {
      let fresh = PostgresConnection(configuration, reconnects: false)
      connection = fresh
      let tables = try run([Self.settings(), StoreSchema.read()])
      let problem: String?
      do throws(PostgresError) { problem = try StoreSchema.problem(tables[1]) } catch { throw failed(error) }
      if let problem {
        close()
        throw .schema(problem)
      }
    }
    return try value(of: try run([Self.tryLock(.int8(Self.lock))]), 0) ?? false
  }

  package func read(
    excluding ids: [Int64], topics: [String], limit: Int, bytes: Int
  ) throws(RelayFailure) -> OutboxHead {
    let found = try run([Self.read(.int8Array(ids), .textArray(topics), .int8(limit), .int8(bytes))])[0]
    var head = OutboxHead()
    do throws(PostgresError) {
      var total: Int64 = 0
      let now = ContinuousClock.now
      for row in found {
        var fields = row.reader
        let (id, topic, key) = (
          try fields.next(Int64.self), try fields.next(String.self), try fields.next(String.self)
        )
        guard let value = try fields.next(String?.self) else {
          head.isBlocked = true
          break
        }
        total = try fields.next()
        let age = Duration.seconds(max(0, try fields.next(Double.self)))
        head.rows.append(OutboxRow(id: id, topic: topic, key: key, value: value, writtenAt: now - age))
      }
      head.hasMore = !head.isBlocked && (found.count == limit || total >= bytes)
    } catch { throw failed(error) }
    return head
  }

  package func delete(_ ids: [Int64]) throws(RelayFailure) { _ = try run([Self.delete(.int8Array(ids))]) }

  package func park(_ id: Int64, reason: String) throws(RelayFailure) {
    _ = try run([Self.park(.int8(id), .text(reason))])
  }

  package func backlog() throws(RelayFailure) -> OutboxBacklog {
    let rows = try run([Self.backlog()])
    let age: Double = try value(of: rows, 1) ?? 0
    return OutboxBacklog(
      pending: try value(of: rows, 0) ?? 0, oldestAge: .seconds(max(0, age)), parked: try value(of: rows, 2) ?? 0)
  }

  package func sweep() throws(RelayFailure) -> Bool { try run([IdempotencyStore.sweep()])[0].affected >= 1000 }

  package func close() { connection = nil }

  private func run(_ calls: [PostgresCall]) throws(RelayFailure) -> [PostgresRows] {
    guard let connection else { throw .database(.interrupted(sqlState: nil)) }
    do throws(PostgresError) {
      return try connection.run(calls, until: .now + Self.patience)
    } catch { throw failed(error) }
  }

  private func value<Value: PostgresDecodable>(
    of rows: [PostgresRows], _ column: Int
  ) throws(RelayFailure) -> Value? {
    do throws(PostgresError) { return try rows[0][0].value(column) } catch { throw failed(error) }
  }

  private func failed(_ error: PostgresError) -> RelayFailure {
    close()
    return .database(error)
  }
}
