import ClickHouse
import Foundation
import RealServers
import Testing

@Suite(.serialized) struct CollectorProcessTests {
  @Test(.timeLimit(.minutes(3))) func aStopFlushesCommitsAndEndsWithZero() throws {
    let bench = try CollectorBench(topics: 1)
    // So long an interval that only the stop can have flushed.
    let collector = try bench.startCollector(["COLLECTOR_FLUSH_INTERVAL": "50s"])
    #expect(eventually(within: 60) { collector.errors.contains("assigned") })
    for number in 0..<500 { try bench.send(SampleEvents.event(number), key: "\(number)") }
    try bench.flush()
    usleep(1_500_000)
    #expect(try bench.number("SELECT count() FROM events") == 0)
    collector.signal(SIGTERM)
    #expect(collector.wait(seconds: 30) == 0, "\(collector.errors)")
    #expect(try bench.number("SELECT count() FROM events") == 500)
    let audit = try Kartoteka.run(["collector", "audit", "--settled"], environment: bench.environment)
    #expect(audit.status == 0, "\(audit.output)")
  }

  @Test func aWrongPasswordEndsTheStartWithOneSentence() throws {
    let bench = try CollectorBench(topics: 1, partitions: 1)
    let ended = try Kartoteka.run(
      ["collector"],
      environment: bench.environment.merging(["CLICKHOUSE_PASSWORD_WRITER": "not-the-password"]) { _, ours in ours })
    #expect(ended.status == 1)
    #expect(
      ended.errors.contains("analytics_writer") || ended.errors.contains("AUTHENTICATION_FAILED"), "\(ended.errors)")
    #expect(!ended.errors.contains("not-the-password"))
  }

  @Test(.timeLimit(.minutes(1))) func aStopWhileClickHouseIsAwayEndsWithZero() throws {
    let bench = try CollectorBench(topics: 1, partitions: 1)
    let collector = try bench.startCollector(["CLICKHOUSE_URL": "http://127.0.0.1:1"])
    #expect(eventually(within: 20, every: 0.1) { collector.errors.contains("127.0.0.1:1") }, "\(collector.errors)")
    #expect(collector.isRunning)
    collector.signal(SIGTERM)
    #expect(collector.wait(seconds: 20) == 0, "\(collector.errors)")
  }

  @Test func aMissingTableEndsTheStartWithOneSentence() throws {
    let bench = try CollectorBench(topics: 1, partitions: 1)
    _ = try bench.writer.execute("DROP TABLE ranges")
    let ended = try Kartoteka.run(["collector"], environment: bench.environment)
    #expect(ended.status == 1)
    #expect(ended.errors.contains("no table ranges: run `kartoteka migrate up`"), "\(ended.errors)")
  }

  @Test func theAuditSeesAGapAndADuplicate() throws {
    let bench = try CollectorBench(topics: 1, partitions: 1)
    let collector = try bench.startCollector()
    for number in 0..<2_000 { try bench.send(SampleEvents.event(number), key: "k") }
    try bench.flush()
    #expect(bench.awaitRows(events: 2_000), "\(collector.errors)")
    for number in 2_000..<2_100 { try bench.send(SampleEvents.event(number), key: "k") }
    try bench.flush()
    #expect(bench.awaitRows(events: 2_100), "\(collector.errors)")
    collector.signal(SIGTERM)
    #expect(collector.wait(seconds: 30) == 0)
    #expect(try bench.audit().status == 0)
    _ = try bench.writer.execute("DELETE FROM events WHERE kafka_offset = 5")
    let gap = try bench.audit()
    #expect(gap.status == 1)
    #expect(gap.output.contains("1 lost"), "\(gap.output)")
    _ = try bench.writer.execute("INSERT INTO events SELECT * FROM events WHERE kafka_offset = 6")
    let double = try bench.audit()
    #expect(double.status == 1)
    #expect(double.output.contains("1 lost, 1 doubled"), "\(double.output)")
  }

  @Test func deadLettersAreKeptAsLongAsTheSettingSays() throws {
    let bench = try CollectorBench(topics: 1, partitions: 1)
    let ttl =
      "SELECT extract(create_table_query, 'TTL [^ ]+ [+] toIntervalSecond[(]([0-9]+)') FROM system.tables WHERE database = currentDatabase() AND name = 'dead_letters'"
    #expect(try bench.rows(ttl).first?.first ?? "" == "")
    let keeping = bench.environment.merging(["DEAD_LETTERS_KEEP": "2h"]) { _, ours in ours }
    let set = try Kartoteka.run(["migrate", "up"], environment: keeping)
    #expect(set.status == 0 && set.output.contains("dead letters are kept 2h"), "\(set.output)\(set.errors)")
    #expect(try bench.number(ttl) == 7200)
    let again = try Kartoteka.run(["migrate", "up"], environment: keeping)
    #expect(!again.output.contains("dead letters are kept"))

    let collector = try bench.startCollector()
    for number in 0..<3 { try bench.send("poison \(number)", key: "k") }
    try bench.send(SampleEvents.event(1), key: "k")
    try bench.flush()
    #expect(bench.awaitRows(events: 1, deadLetters: 3), "\(collector.errors)")
    for number in 2..<4 { try bench.send(SampleEvents.event(number), key: "k") }
    try bench.flush()
    #expect(bench.awaitRows(events: 3, deadLetters: 3), "\(collector.errors)")
    collector.signal(SIGTERM)
    #expect(collector.wait(seconds: 30) == 0)
    // Expired: gone, and not missed. Young: missed.
    _ = try bench.writer.execute("DELETE FROM dead_letters WHERE kafka_offset = 1")
    #expect(try bench.audit().status == 1)
    _ = try bench.writer.execute(
      "ALTER TABLE ranges UPDATE created_at = created_at - INTERVAL 3 HOUR WHERE 1 SETTINGS mutations_sync = 2")
    let audit = try bench.audit()
    #expect(audit.status == 0, "\(audit.output)\(audit.errors)")

    let forEver = try Kartoteka.run(["migrate", "up"], environment: bench.environment)
    #expect(forEver.output.contains("dead letters are kept for ever"), "\(forEver.output)\(forEver.errors)")
  }
}
