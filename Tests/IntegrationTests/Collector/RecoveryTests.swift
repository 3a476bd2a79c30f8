import ClickHouse
import Collector
import EventSchema
import Foundation
import Kafka
import RealServers
import Synchronization
import Testing

/// What becomes of ranges and rollups when ClickHouse was started anew.
@Suite(.serialized) struct RecoveryTests {
  private static let rollups = Rollup.all.map(\.name)

  private struct SilentReport: WorkerReport {
    func flushed(_ built: BuiltRange, after duration: Duration) {}
    func failed(_ partition: TopicPartition?, _ error: any Error) {}
    func halted(_ partition: TopicPartition, _ why: String) {}
    func reconciling(_ intent: RangeIntent) {}
    func recovered(days: Int) {}
  }

  /// Runs a collector in a group of its own, so that it begins with the last claimed range of each partition, until it has
  /// finished those and has nothing to do.
  private func collect(_ bench: CollectorBench, events: Int) throws -> String {
    let collector = try bench.startCollector(["COLLECTOR_GROUP": "\(bench.id)-\(UUID().uuidString)"])
    #expect(bench.awaitRows(events: events), "\(collector.errors)")
    #expect(eventually(within: 30, every: 0.2) { (try? bench.audit())?.status == 0 }, "\(collector.errors)")
    collector.signal(SIGTERM)
    #expect(collector.wait(seconds: 30) == 0, "\(collector.errors)")
    return collector.errors
  }

  private func check(_ bench: CollectorBench, events: Int) throws {
    #expect(try bench.number("SELECT count() FROM events") == events)
    #expect(try bench.number("SELECT uniqExact((topic, kafka_partition, kafka_offset)) FROM events") == events)
    let audit = try bench.audit()
    #expect(audit.status == 0, "\(audit.output)")
  }

  private func produce(_ bench: CollectorBench, _ numbers: Range<Int>) throws {
    for number in numbers { try bench.send(SampleEvents.event(number), key: "\(number % 97)") }
    try bench.flush()
  }

  /// As `kill -9` leaves it between the two: the token is in the log of the table or of a rollup, its part is not on the disk.
  @Test(.timeLimit(.minutes(4))) func aTokenWithoutItsPartLosesNothing() throws {
    let profile = ServerProfile()
    defer { profile.stop() }
    try profile.start(["clickhouse"])
    let servers = try profile.environment().filter { $0.key.hasPrefix("CLICKHOUSE") }
    let bench = try CollectorBench(topics: 1, partitions: 2, servers: servers)
    try produce(bench, 0..<3_000)
    _ = try collect(bench, events: 3_000)
    #expect(try bench.number("SELECT uniqExact((topic, kafka_partition)) FROM ranges") == 2)
    var paths: [String] = []
    for (table, month) in [("events", "202503"), ("deck_daily", "202505"), ("activity_hourly", "202511")] {
      paths += try bench.rows(
        "SELECT path FROM system.parts WHERE active AND database = currentDatabase() AND table = '\(table)' AND partition = '\(month)'"
      ).map { $0[0] }
    }
    #expect(paths.count >= 3)
    try profile.killNine("clickhouse")
    usleep(500_000)
    for path in paths { try FileManager.default.removeItem(atPath: path) }
    var ghosts = TokensWithoutParts()
    try ghosts.look(at: profile)
    #expect(ghosts.found.count >= 3, "\(ghosts)")
    try profile.start(["clickhouse"])
    #expect(try bench.number("SELECT count() FROM events") < 3_000)
    #expect(try bench.audit().status == 1)
    let log = try collect(bench, events: 3_000)
    try check(bench, events: 3_000)
    #expect(log.contains("rollups recovered"), "\(log)")
    // Nor does it take anything twice when it is started again, and goes on.
    try profile.killNine("clickhouse")
    usleep(500_000)
    try profile.start(["clickhouse"])
    try produce(bench, 3_000..<3_500)
    _ = try collect(bench, events: 3_500)
    try check(bench, events: 3_500)
  }

  /// Rollups that lack parts, and such that are ahead of the table, are both made equal to it, before the ranges are finished.
  @Test(.timeLimit(.minutes(4))) func whatIsHalfInIsMadeWhole() throws {
    let bench = try CollectorBench(topics: 1, partitions: 2)
    try produce(bench, 0..<2_000)
    _ = try collect(bench, events: 2_000)
    for (rollup, month) in zip(Self.rollups, ["202501", "202503", "202506", "202512"]) {
      _ = try bench.writer.execute("ALTER TABLE \(rollup) DROP PARTITION \(month)")
    }
    // Of February the table lacks its rows: the rollups are ahead. April was counted twice.
    _ = try bench.writer.execute("ALTER TABLE events DROP PARTITION 202502")
    _ = try bench.writer.execute("INSERT INTO user_daily SELECT * FROM user_daily WHERE toYYYYMM(day) = 202504")
    // A part of one range is away, of the other not.
    _ = try bench.writer.execute("DELETE FROM events WHERE kafka_partition = 0 AND toYYYYMM(occurred_at) = 202508")
    #expect(try bench.audit().status == 1)
    _ = try bench.writer.execute("TRUNCATE TABLE recoveries")
    _ = try collect(bench, events: 2_000)
    try check(bench, events: 2_000)
  }

  /// ClickHouse forgets its run under a collector at work, again and again.
  @Test(.timeLimit(.minutes(4))) func aRunMayEndAtAnyTime() throws {
    let bench = try CollectorBench()
    let collector = try bench.startCollector()
    var sent = 0
    for round in 0..<12 {
      for number in sent..<sent + 800 {
        try bench.send(SampleEvents.event(number), key: "\(number % 97)", topic: number % 2)
      }
      try bench.flush()
      sent += 800
      usleep(UInt32(round) * 37_000)
      _ = try bench.writer.execute("TRUNCATE TABLE recoveries")
    }
    #expect(bench.awaitRows(events: sent), "\(collector.errors)")
    collector.signal(SIGTERM)
    #expect(collector.wait(seconds: 30) == 0, "\(collector.errors)")
    try check(bench, events: sent)
  }

  @Test func oneRecoversAndTheOthersWait() throws {
    let database = try TestDatabase()
    let configuration = database.writer.configuration
    let names = Mutex<[String]>([])
    DispatchQueue.concurrentPerform(iterations: 6) { _ in
      let recovery = Recovery(ClickHouseRecoveryStore(ClickHouseConnection(configuration)), report: SilentReport())
      let found = eventually(within: 30, every: 0.05) {
        guard let incarnation = try? recovery.run() else { return false }
        names.withLock { $0.append("\(incarnation)") }
        return true
      }
      if !found { names.withLock { $0.append("none") } }
    }
    #expect(names.withLock { Set($0) }.count == 1 && names.withLock { $0.count } == 6)
    let named = "SELECT countIf(incarnation != toUUID('00000000-0000-0000-0000-000000000000')) FROM recoveries"
    #expect(try database.list(named) == ["1"])
  }

  @Test func aRecovererThatWasOvertakenIsRefused() throws {
    let database = try TestDatabase()
    let store = ClickHouseRecoveryStore(database.writer)
    let (slow, quick) = (claim(1), claim(2))
    try store.claim(slow)
    #expect(try store.state() == .open(claim: slow, isLive: true))
    try store.claim(quick)
    #expect(try store.state() == .open(claim: quick, isLive: true))
    _ = try database.writer.execute(
      """
      INSERT INTO ranges (topic, from_offset, to_offset, protocol, first_day, last_day)
      SELECT 't', 0, 9, 2, '2026-03-01', '2026-03-02'
      """)
    _ = try database.writer.execute(
      "INSERT INTO events (event_type, occurred_at) SELECT 'card_answered', '2026-03-01 10:00:00'")
    _ = try database.writer.execute("TRUNCATE TABLE user_daily")
    #expect(try store.repairRollups(slow) == nil)
    try store.finish(slow, as: Incarnation("01234567-89ab-4def-8123-456789abcdef"))
    #expect(try store.state() == .open(claim: quick, isLive: true))
    #expect(try store.repairRollups(quick) == 1)
    #expect(try store.repairRollups(quick) == 0)
    #expect(try database.list("SELECT sum(events) FROM user_daily") == ["1"])
    let incarnation = Incarnation("11234567-89ab-4def-8123-456789abcdef")
    try store.finish(quick, as: incarnation)
    #expect(try store.state() == .done(incarnation))
    // Nothing of a recovery is done once the run has a name.
    try store.claim(claim(3))
    try store.finish(quick, as: Incarnation("21234567-89ab-4def-8123-456789abcdef"))
    #expect(try store.state() == .done(incarnation))
    _ = try database.writer.execute("TRUNCATE TABLE user_daily")
    #expect(try store.repairRollups(quick) == nil)
  }

  private func claim(_ number: UInt64) -> RecoveryClaim {
    RecoveryClaim(number: number, recoverer: ClickHouseUUID.random().description)
  }
}
