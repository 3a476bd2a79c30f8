import Kafka

/// What reading and changing topics asks of a cluster; blocking.
package protocol TopicCluster {
  /// All topics but Kafka's own (`__…`); configuration only of those named.
  func states(configurationOf names: Set<String>) throws(KafkaError) -> [TopicState]
  func perform(_ change: TopicChange) throws(KafkaError)
}

extension KafkaAdmin: TopicCluster {
  package func states(configurationOf names: Set<String>) throws(KafkaError) -> [TopicState] {
    var states: [TopicState] = []
    for topic in try topics() where !topic.name.hasPrefix("__") {
      states.append(
        TopicState(
          name: topic.name, partitions: topic.partitions, replicationFactor: topic.replicationFactor,
          configuration: names.contains(topic.name) ? try readableConfiguration(of: topic.name) : nil))
    }
    return states
  }

  package func perform(_ change: TopicChange) throws(KafkaError) {
    switch change {
    case .create(let spec):
      try createTopic(
        spec.name, partitions: spec.partitions, replicationFactor: spec.replicationFactor,
        configuration: spec.configuration)
    case .addPartitions(let topic, _, let total): try createPartitions(topic, total: total)
    case .configure(let topic, let entry, _, let value): try setConfiguration(of: topic, to: [entry: value])
    }
  }

  /// `nil` when the broker has no such request or the topic has just gone.
  private func readableConfiguration(of topic: String) throws(KafkaError) -> [String: String]? {
    do { return try configuration(of: topic) } catch {
      guard error.isUnsupported || error.isUnknownTopic else { throw error }
      return nil
    }
  }
}
