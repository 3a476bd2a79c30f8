/// What a topic of the cluster is.
package struct TopicState: Sendable, Equatable {
  package let name: String
  package let partitions: Int
  package let replicationFactor: Int
  /// By Kafka's own names; with some brokers only what was set. `nil` when the broker does not tell.
  package let configuration: [String: String]?

  package init(name: String, partitions: Int, replicationFactor: Int, configuration: [String: String]?) {
    self.name = name
    self.partitions = partitions
    self.replicationFactor = replicationFactor
    self.configuration = configuration
  }
}
