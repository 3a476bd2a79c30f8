/// A consumer group's view of one partition.
package struct TopicPartition: Sendable, Hashable, Comparable, CustomStringConvertible {
  package let topic: String
  package let partition: Int32

  package init(topic: String, partition: Int32) {
    self.topic = topic
    self.partition = partition
  }

  package var description: String { "\(topic)/\(partition)" }
  package static func < (a: Self, b: Self) -> Bool { (a.topic, a.partition) < (b.topic, b.partition) }
}
