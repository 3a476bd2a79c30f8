/// What a topic shall be, as its entry in `kafka/topics.yaml` says.
package struct TopicSpec: Sendable, Equatable {
  package let name: String
  package let partitions: Int
  package let replicationFactor: Int
  package let retention: Retention
  package let cleanupPolicy: CleanupPolicy
  /// Further configuration by Kafka's own names, without `retention.ms` and `cleanup.policy`.
  package let config: [String: String]

  package init(
    name: String, partitions: Int, replicationFactor: Int, retention: Retention, cleanupPolicy: CleanupPolicy,
    config: [String: String] = [:]
  ) {
    self.name = name
    self.partitions = partitions
    self.replicationFactor = replicationFactor
    self.retention = retention
    self.cleanupPolicy = cleanupPolicy
    self.config = config
  }

  /// The whole configuration in Kafka's names and values.
  package var configuration: [String: String] {
    config.merging([
      Retention.entry: retention.kafkaValue, CleanupPolicy.entry: cleanupPolicy.rawValue,
    ]) { _, own in own }
  }

  /// The same topic with another replication factor.
  package func replicated(_ factor: Int) -> TopicSpec {
    TopicSpec(
      name: name, partitions: partitions, replicationFactor: factor, retention: retention,
      cleanupPolicy: cleanupPolicy, config: config)
  }
}

/// What becomes of old messages.
package enum CleanupPolicy: String, Sendable, CaseIterable {
  static let entry = "cleanup.policy"

  case delete
  case compact
  case compactAndDelete = "compact,delete"

  /// `true` when both name the same policies, in whatever order.
  static func same(_ a: String, _ b: String) -> Bool { parts(a) == parts(b) }

  private static func parts(_ text: String) -> Set<String> {
    Set(text.split(separator: ",").map { String($0.filter { !$0.isWhitespace }) })
  }
}
