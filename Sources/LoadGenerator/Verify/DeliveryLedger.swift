import EventSchema
import Kafka

/// What the brokers have acknowledged: which offsets, and the count and checksum of each fate. Memory grows with the number
/// of runs of offsets, not of messages.
package struct DeliveryLedger: Sendable {
  /// Count and checksum of a set of rows.
  package struct Tally: Sendable, Hashable {
    package var count = 0
    package var checksum: UInt64 = 0

    package init(count: Int = 0, checksum: UInt64 = 0) {
      self.count = count
      self.checksum = checksum
    }

    package static func += (a: inout Tally, b: Tally) {
      a.count += b.count
      a.checksum &+= b.checksum
    }
  }

  /// By `Fate.index`.
  package private(set) var tallies = [Tally](repeating: Tally(), count: Fate.all.count)
  /// Runs of offsets, both ends included, in the order of their delivery.
  package private(set) var runs: [TopicPartition: [ClosedRange<Int64>]] = [:]
  /// Span of the events' times, milliseconds since 1970.
  package private(set) var firstMs = Int64.max
  package private(set) var lastMs = Int64.min

  package init() {}

  package var count: Int { tallies.reduce(0) { $0 + $1.count } }

  package func tally(_ fate: Fate) -> Tally { tallies[fate.index] }

  /// Notes one message at its place. `fateIndex` is `Fate.index`.
  package mutating func note(
    fateIndex: Int, isEvent: Bool, digest: RowDigest, occurredAtMs: Int64, partition: Int32, offset: Int64
  ) {
    tallies[fateIndex].count += 1
    if isEvent {
      tallies[fateIndex].checksum &+= digest.term(partition: partition, offset: offset)
      firstMs = min(firstMs, occurredAtMs)
      lastMs = max(lastMs, occurredAtMs)
    } else {
      tallies[fateIndex].checksum &+= RowDigest.deadLetterTerm(partition: partition, offset: offset)
    }
  }

  /// Adds a run of offsets; the producer reports a partition's messages in their order, so runs mostly grow.
  package mutating func add(_ run: ClosedRange<Int64>, of partition: TopicPartition) {
    if let last = runs[partition]?.last, run.lowerBound == last.upperBound + 1 {
      runs[partition]![runs[partition]!.count - 1] = last.lowerBound...run.upperBound
    } else {
      runs[partition, default: []].append(run)
    }
  }
}
