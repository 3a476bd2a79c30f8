import ClickHouse
import Kafka

/// The parts of `events` that were read already. A part never changes, so only new ones are read: a question costs what
/// came since the last one, not what the table holds.
package struct KnownParts: Sendable {
  private var parts: Set<Part>
  private var ends: [TopicPartition: Int64] = [:]

  /// All parts there are: what they hold is not asked for.
  package init(_ connection: ClickHouseConnection) throws(ClickHouseError) {
    parts = Set(
      try connection.rows("SELECT DISTINCT _part FROM events").compactMap { Part($0[0]) })
  }

  /// The highest offset of each partition that was seen in any new part; nil when ClickHouse did not answer. What is merged
  /// away while the question runs is found in the merged part, which is new.
  package mutating func ends(_ connection: ClickHouseConnection) -> [TopicPartition: Int64]? {
    let names = parts.map { SQLText.literal($0.name) }.joined(separator: ", ")
    let sql = """
      SELECT _part, topic, kafka_partition, max(kafka_offset) FROM events
      \(parts.isEmpty ? "" : "WHERE _part NOT IN (\(names))") GROUP BY _part, topic, kafka_partition
      """
    guard let rows = try? connection.rows(sql) else { return nil }
    var new: Set<Part> = []
    for row in rows where row.count == 4 {
      guard let partition = Int32(row[2]), let offset = Int64(row[3]) else { continue }
      // Without a name that tells what it holds, it is read again.
      if let part = Part(row[0]) { new.insert(part) }
      let place = TopicPartition(topic: row[1], partition: partition)
      ends[place] = max(ends[place] ?? offset, offset)
    }
    parts = parts.filter { old in !new.contains { $0.holds(old) } }.union(new)
    return ends
  }
}

/// A part's name tells its partition and which blocks it holds: `202611_1_439_3`, with a fifth number once mutated.
package struct Part: Hashable, Sendable {
  package let name: String
  private let partition: Substring
  private let blocks: ClosedRange<Int64>

  /// Nil for what is no name of a part.
  package init?(_ name: String) {
    let fields = name.split(separator: "_")
    guard (4...5).contains(fields.count), let first = Int64(fields[1]), let last = Int64(fields[2]), first <= last
    else { return nil }
    self.name = name
    partition = fields[0]
    blocks = first...last
  }

  /// Whether the other's rows are in this one too: it is the other merged, or mutated.
  package func holds(_ other: Part) -> Bool {
    partition == other.partition && blocks.contains(other.blocks.lowerBound) && blocks.contains(other.blocks.upperBound)
  }
}
