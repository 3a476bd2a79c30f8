import Kafka

/// What names a dead letter: where in Kafka the message was. Written as `TOPIC/PARTITION/OFFSET`.
package struct LetterCoordinates: Sendable, Hashable, Comparable, CustomStringConvertible {
  /// The header by which a message sent anew names the letter it stands for; its value is `TOPIC/PARTITION/OFFSET`.
  package static let headerName = "kartoteka-dead-letter"

  package let partition: TopicPartition
  package let offset: Int64

  package init(_ partition: TopicPartition, offset: Int64) {
    self.partition = partition
    self.offset = offset
  }

  package init(topic: String, partition: Int32, offset: Int64) {
    self.init(TopicPartition(topic: topic, partition: partition), offset: offset)
  }

  /// Reads `TOPIC/PARTITION/OFFSET`; nil for any other form.
  package init?(_ text: String) {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count == 3, !parts[0].isEmpty, let partition = Int32(parts[1]), partition >= 0,
      let offset = Int64(parts[2]), offset >= 0
    else { return nil }
    self.init(topic: String(parts[0]), partition: partition, offset: offset)
  }

  package var description: String { "\(partition)/\(offset)" }
  package static func < (a: Self, b: Self) -> Bool { (a.partition, a.offset) < (b.partition, b.offset) }
}
