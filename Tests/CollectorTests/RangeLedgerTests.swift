import Collector
import Kafka
import Testing

/// Whose leases are waited for before a range is reconciled.
@Suite struct RangeLedgerTests {
  private static let intent = RangeIntent(
    partition: TopicPartition(topic: "t", partition: 0), range: OffsetRange(from: 0, to: 8),
    counts: RangeCounts(events: 8), decoder: 1, writer: "me")
  private let before = Incarnation("before")
  private let now = Incarnation("now")

  private func wait(_ rows: [(writer: String, isMark: Bool, run: Incarnation?, expiresMs: Int64)]) throws -> Int64 {
    let store = KnownStore(
      rows: rows.enumerated().map { place, row in
        let known = Self.intent
        return LedgerRow(
          intent: RangeIntent(
            partition: known.partition, range: known.range, counts: known.counts, decoder: known.decoder,
            writer: row.writer),
          isMark: row.isMark, place: UInt64(place), createdMs: 0, expiresMs: row.expiresMs, incarnation: row.run)
      }, run: now)
    return try RangeLedger(store, insertTimeoutMs: 1).othersRun(Self.intent)
  }

  @Test func leasesOfThisRunAreWaitedFor() throws {
    #expect(try wait([("other", false, now, 900)]) == 401)
    #expect(try wait([("me", false, now, 900)]) == 401)
    #expect(try wait([("other", false, now, 700), ("other", false, now, 800)]) == 301)
    #expect(try wait([("other", false, now, 900), ("me", true, now, 2_000)]) == 401)
    #expect(try wait([("other", true, now, 900), ("me", false, now, 300)]) == 401)
    #expect(try wait([("other", false, now, 400)]) == 0)
  }

  /// A collector that was at it when ClickHouse was started goes on at once.
  @Test func leasesOfEarlierRunsAreOver() throws {
    #expect(try wait([("other", false, before, 90_000)]) == 0)
    #expect(try wait([("me", false, before, 90_000), ("me", false, now, 90_000)]) == 0)
    #expect(try wait([("me", false, nil, 90_000), ("me", false, now, 90_000)]) == 0)
    #expect(try wait([("me", false, before, 90_000), ("other", true, before, 90_000)]) == 0)
    #expect(try wait([("me", false, before, 90_000), ("other", true, now, 900)]) == 401)
  }

  private final class KnownStore: LedgerStore {
    private let known: [LedgerRow]
    private let run: Incarnation

    init(rows: [LedgerRow], run: Incarnation) {
      known = rows
      self.run = run
    }

    func append(_ kind: LedgerRow.Kind, _ intent: RangeIntent) {}
    func rows(of partition: TopicPartition, from: Int64?) -> (rows: [LedgerRow], server: LedgerServer) {
      (known, LedgerServer(nowMs: 500, incarnation: run))
    }
    func partsWritten(after row: LedgerRow) -> UInt64 { 0 }
    func endInserts(of intent: RangeIntent) -> Int { 0 }
  }
}
