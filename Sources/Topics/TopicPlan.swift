/// How a cluster differs from a topics file, and what would be done about it; a pure function of the two.
///
/// Nothing is ever taken away: no topic is deleted, no partition removed, and a configuration entry that the file does
/// not name keeps its value.
package struct TopicPlan: Sendable, Equatable {
  /// What `apply` does, topics in the file's order.
  package private(set) var changes: [TopicChange] = []
  /// What `apply` will not do; while there is one, it does nothing at all.
  package private(set) var refusals: [TopicRemark] = []
  /// What is to be known, though nothing is done about it.
  package private(set) var notes: [TopicRemark] = []

  package init(file: TopicFile, cluster: [TopicState]) {
    let states = Dictionary(cluster.map { ($0.name, $0) }) { first, _ in first }
    for spec in file.topics {
      if let state = states[spec.name] { compare(spec, state) } else { changes.append(.create(spec)) }
    }
  }

  private mutating func compare(_ spec: TopicSpec, _ state: TopicState) {
    if spec.partitions > state.partitions {
      changes.append(.addPartitions(topic: spec.name, from: state.partitions, to: spec.partitions))
    } else if spec.partitions < state.partitions {
      refusals.append(
        TopicRemark(
          topic: spec.name,
          text:
            "partitions \(state.partitions) → \(spec.partitions) is refused: Kafka cannot take partitions away, and "
            + "deleting the topic would destroy its messages. Set partitions to \(state.partitions) or more"))
    }
    if spec.replicationFactor != state.replicationFactor {
      notes.append(
        TopicRemark(
          topic: spec.name,
          text: "replication factor is \(state.replicationFactor), wanted \(spec.replicationFactor): left as it is; "
            + "kafka-reassign-partitions moves replicas"))
    }
    guard let configuration = state.configuration else {
      notes.append(
        TopicRemark(topic: spec.name, text: "the broker does not tell its configuration, so it was not compared"))
      return
    }
    for (name, wanted) in spec.configuration.sorted(by: { $0.key < $1.key }) {
      let found = configuration[name]
      guard !Self.same(name, found, wanted) else { continue }
      changes.append(.configure(topic: spec.name, entry: name, from: found, to: wanted))
    }
  }

  private static func same(_ name: String, _ found: String?, _ wanted: String) -> Bool {
    guard let found else { return false }
    return name == CleanupPolicy.entry ? CleanupPolicy.same(found, wanted) : found == wanted
  }
}

/// One difference in one field of one topic.
package enum TopicChange: Sendable, Equatable, CustomStringConvertible {
  case create(TopicSpec)
  case addPartitions(topic: String, from: Int, to: Int)
  /// `from` is `nil` where the broker names no value, which with some brokers means the default.
  case configure(topic: String, entry: String, from: String?, to: String)

  package var topic: String {
    switch self {
    case .create(let spec): spec.name
    case .addPartitions(let topic, _, _), .configure(let topic, _, _, _): topic
    }
  }

  package var description: String {
    switch self {
    case .create(let spec):
      let entries = spec.configuration.sorted { $0.key < $1.key }
        .map { "\($0.key)=\(Self.shown($0.key, $0.value))" }
      return "\(spec.name): create with partitions=\(spec.partitions) replication_factor=\(spec.replicationFactor) "
        + entries.joined(separator: " ")
    case .addPartitions(let topic, let from, let to): return "\(topic): partitions \(from) → \(to)"
    case .configure(let topic, let entry, let from, let to):
      return "\(topic): \(entry) \(from.map { Self.shown(entry, $0) } ?? "(not set)") → \(Self.shown(entry, to))"
    }
  }

  private static func shown(_ entry: String, _ value: String) -> String {
    guard entry == Retention.entry, let retention = Retention(kafkaValue: value) else { return value }
    return "\(value) (\(retention))"
  }
}

/// A sentence about one topic.
package struct TopicRemark: Sendable, Equatable, CustomStringConvertible {
  package let topic: String
  package let text: String

  package init(topic: String, text: String) {
    self.topic = topic
    self.text = text
  }

  package var description: String { "\(topic): \(text)" }
}
