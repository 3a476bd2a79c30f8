import Blocking
import Foundation
import Postgres
import RealServers
import ServiceStore
import Testing

/// The relay with real servers.
@Suite(.serialized) struct OutboxRelayTests {
  @Test(.timeLimit(.minutes(1))) func writersAtOnceLoseNothingAndKeepTheirOrder() async throws {
    let bench = try RelayBench()
    let relay = bench.relay()
    let (configuration, topic, signal) = (bench.store.configuration, bench.topic, relay.signal)
    try await withThrowingTaskGroup(of: Void.self) { group in
      for _ in 0..<6 {
        group.addTask {
          try await BlockingThread.run("writer") {
            let connection = PostgresConnection(configuration)
            for _ in 0..<60 {
              let keys = (0..<8).map { "k\($0)" }.shuffled().prefix(.random(in: 1...3))
              try RelayBench.write(
                Array(keys), topic: topic, over: connection,
                pause: { if Bool.random() { BlockingThread.sleep(.microseconds(Int.random(in: 0...4000))) } },
                rollingBack: .random(in: 0..<5) == 0)
              signal.raise()
            }
          }
        }
      }
      try await group.waitForAll()
    }
    try await relay.stop()
    let arrived = try bench.arrived()
    #expect(try bench.problem(arrived) == nil)
    #expect(try arrived.repeats == 0 && bench.pending() == 0)
    #expect(relay.metric("outbox_published_total") == Double(arrived.numbers.values.reduce(0) { $0 + $1.count }))
  }

  /// Asked to stop with a full outbox, it sends that first.
  @Test(.timeLimit(.minutes(1))) func aStopSendsWhatIsCommitted() async throws {
    let bench = try RelayBench()
    try bench.fill(8000)
    let relay = bench.relay()
    try await relay.stop()
    let arrived = try bench.arrived()
    #expect(try bench.problem(arrived) == nil && arrived.repeats == 0 && bench.pending() == 0)
  }

  @Test(.timeLimit(.minutes(1))) func whatKafkaRefusesIsParkedAndStopsNothing() async throws {
    let bench = try RelayBench()
    try bench.write("k1")
    try bench.store.admin.sql(
      """
      INSERT INTO outbox (event_id, topic, key, value)
      SELECT '00000000-0000-4000-8000-000000000001', '\(bench.topic)', 'k1', repeat('x', 5000000)
      """)
    try bench.write("k1", "k2")
    let relay = bench.relay()
    #expect(try eventually(within: 20) { try bench.pending() == 0 })
    let row = try #require(
      try bench.store.admin.sql(
        "SELECT event_id::text, topic, key, length(value), reason, parked_at >= created_at FROM outbox_parked"
      ).first)
    #expect(try row.value(0, as: String.self) == "00000000-0000-4000-8000-000000000001")
    #expect(try row.value(1, as: String.self) == bench.topic && row.value(2, as: String.self) == "k1")
    #expect(try row.value(3, as: Int.self) == 5_000_000 && row.value(5, as: Bool.self))
    #expect(try row.value(4, as: String.self).contains("MSG_SIZE_TOO_LARGE"))
    #expect(eventually(within: 5) { relay.metric("outbox_parked_rows") == 1 })
    #expect(relay.metric("outbox_errors_total{cause=\"parked\"}") == 1)
    // Mended, it goes back.
    try bench.store.admin.sql("UPDATE keys SET number = number + 1 WHERE key = 'k3'")
    try bench.store.admin.sql(
      """
      WITH mended AS (DELETE FROM outbox_parked RETURNING event_id, topic)
      INSERT INTO outbox (event_id, topic, key, value) SELECT event_id, topic, 'k3', 'k3 1' FROM mended
      """)
    #expect(try eventually(within: 20) { try bench.pending() == 0 })
    try await relay.stop()
    let arrived = try bench.arrived()
    #expect(try bench.problem(arrived) == nil && arrived.repeats == 0)
  }

  /// Nobody raises the signal; and a writer that is idle within its transaction stands in the way until the server ends it.
  @Test(.timeLimit(.minutes(1))) func anIdleWriterIsEnded() async throws {
    let bench = try RelayBench()
    #expect(try bench.store.admin.text("SHOW idle_in_transaction_session_timeout") == "10s")
    var configuration = bench.store.configuration
    configuration.idleInTransactionTimeout = .seconds(2)
    let idle = PostgresConnection(configuration)
    let relay = bench.relay()
    let error = postgresError {
      try idle.transaction(until: .now + .seconds(20)) { transaction in
        try transaction.run(PostgresStatement(unprepared: "SELECT pg_current_xact_id()::text")())
        let start = ContinuousClock.now
        try bench.write("k1")
        BlockingThread.sleep(.seconds(1))
        #expect(try bench.pending() == 1)
        #expect(try eventually(within: 10) { try bench.pending() == 0 })
        #expect(.now - start > .seconds(1.5))
        try transaction.run(PostgresStatement(unprepared: "SELECT 1")())
      }
    }
    #expect(error?.isUnavailable == true, "\(String(describing: error))")
    // By the clock of the database: from when it was written, not from when it could be read.
    #expect(relay.metric("outbox_delivery_seconds_count") == 1)
    #expect(try #require(relay.metric("outbox_delivery_seconds_sum")) > 1.5)
    try await relay.stop()
    #expect(try bench.problem(bench.arrived()) == nil)
  }

  @Test(.timeLimit(.minutes(1))) func itWaitsForTheMigration() async throws {
    let bench = try RelayBench()
    try bench.store.admin.sql("ALTER TABLE outbox RENAME COLUMN value TO worth")
    let relay = bench.relay()
    #expect(eventually(within: 10) { (relay.metric("outbox_errors_total{cause=\"schema\"}") ?? 0) > 0 })
    #expect(relay.metric("outbox_leader") == 0)
    try bench.store.admin.sql("ALTER TABLE outbox RENAME COLUMN worth TO value")
    try bench.write("k1")
    #expect(try eventually(within: 10) { try bench.pending() == 0 })
    #expect(relay.metric("outbox_leader") == 1)
    try await relay.stop()
  }
}
