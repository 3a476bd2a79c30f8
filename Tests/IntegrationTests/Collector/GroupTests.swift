import Foundation
import RealServers
import Testing

/// Members that come and go while the group forms. The broker keeps one who leaves then as the leader, for ever.
@Suite(.serialized) struct GroupTests {
  private func expectAllArrives(_ bench: CollectorBench, by collector: Kartoteka) throws {
    for number in 0..<200 { try bench.send(SampleEvents.event(number), key: "\(number % 97)") }
    try bench.flush()
    #expect(bench.awaitRows(events: 200, seconds: 45), "\(collector.errors)")
    try stop(collector)
    #expect(try bench.number("SELECT count() FROM events") == 200)
  }

  private func stop(_ collector: Kartoteka) throws {
    collector.signal(SIGTERM)
    #expect(collector.wait(seconds: 30) == 0, "\(collector.errors)")
  }

  private func awaitStart(_ collector: Kartoteka) {
    #expect(eventually(within: 30, every: 0.02) { collector.errors.contains("ClickHouse keeps what") })
  }

  @Test(.timeLimit(.minutes(3))) func aCollectorStopsBeforeItHasPartitions() throws {
    let bench = try CollectorBench(topics: 1)
    let first = try bench.startCollector()
    awaitStart(first)
    // The broker answers whoever joins after half a session.
    usleep(1_000_000)
    try stop(first)
    #expect(!first.errors.contains("assigned"))
    try expectAllArrives(bench, by: try bench.startCollector())
  }

  @Test(.timeLimit(.minutes(3))) func theLeaderStopsWhileAnotherJoins() throws {
    let bench = try CollectorBench(topics: 1)
    // It hears of the other with its next heartbeat only.
    let first = try bench.startCollector(["KAFKA_PROPERTIES": "heartbeat.interval.ms=5000"])
    #expect(eventually(within: 30, every: 0.02) { first.errors.contains("assigned") }, "\(first.errors)")
    let second = try bench.startCollector()
    awaitStart(second)
    usleep(300_000)
    try stop(first)
    #expect(!first.errors.contains("revoked"))
    try expectAllArrives(bench, by: second)
  }
}
