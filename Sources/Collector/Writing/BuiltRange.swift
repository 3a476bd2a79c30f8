import CivilTime
import EventSchema
import Kafka

/// A range's blocks, ready to send.
package struct BuiltRange: Sendable {
  package let intent: RangeIntent
  package let blocks: [EncodedBlock]
  /// When the range was cut; messages that came later belong to the next one.
  let cut: KeptInstant

  /// - Parameters:
  ///   - to: the range's end where it is settled already; else it ends with its last block.
  ///   - decoder: fingerprint of all that decided the verdicts.
  init(
    _ partition: TopicPartition, from: Int64, to: Int64?, blocks: [EncodedBlock], decoder: UInt64, writer: String,
    cutAt: ContinuousClock.Instant
  ) {
    let days = Self.days(blocks.compactMap(\.occurredAtMs))
    let sum = { (count: (EncodedBlock) -> Int) in UInt32(blocks.reduce(0) { $0 + count($1) }) }
    intent = RangeIntent(
      partition: partition, range: OffsetRange(from: from, to: to ?? blocks.last?.offsets.to ?? from),
      counts: RangeCounts(
        events: sum(\.events), deadLetters: sum(\.deadLetters), skipped: sum(\.skipped),
        // A range of dead letters alone takes its share of their table's window.
        parts: max(Self.months(days), blocks.contains { $0.deadLetters > 0 } ? 1 : 0), days: days),
      decoder: decoder, writer: writer)
    self.blocks = blocks
    cut = KeptInstant(cutAt)
  }

  /// Bytes as they are sent.
  var bytes: Int { blocks.reduce(0) { $0 + $1.bytes } }
  var repeats: Int { blocks.reduce(0) { $0 + $1.repeats } }

  var eventsByType: [(type: String, count: Int)] {
    EventType.allCases.enumerated().map { index, type in
      (type.name, blocks.reduce(0) { $0 + $1.eventsByType[index] })
    }
  }

  var deadByReason: [String: Int] {
    blocks.reduce(into: [:]) { sums, block in sums.merge(block.deadByReason, uniquingKeysWith: +) }
  }

  private static func days(_ times: [ClosedRange<Int64>]) -> ClosedRange<Int>? {
    guard let first = times.map(\.lowerBound).min(), let last = times.map(\.upperBound).max() else { return nil }
    return Int(first).floorDivided(by: 86_400_000)...Int(last).floorDivided(by: 86_400_000)
  }

  /// Months from the first event's to the last one's: the most parts that the rows can make.
  private static func months(_ days: ClosedRange<Int>?) -> UInt32 {
    guard let days else { return 0 }
    return UInt32(CivilDate(day: days.upperBound).monthIndex - CivilDate(day: days.lowerBound).monthIndex + 1)
  }
}
