import Kafka
import Testing
import Topics

@Suite struct TopicReconcilerTests {
  private let spec = TopicSpec(
    name: "orders", partitions: 3, replicationFactor: 1, retention: Retention(milliseconds: 1000),
    cleanupPolicy: .delete)

  private func apply(_ cluster: FakeCluster) throws -> TopicOutcome {
    try TopicReconciler(file: TopicFile(topics: [spec]), cluster: cluster, pause: { cluster.pauses += 1 }).apply()
  }

  private func existing(partitions: Int = 3, retention: String = "1000") -> TopicState {
    TopicState(
      name: "orders", partitions: partitions, replicationFactor: 1,
      configuration: ["retention.ms": retention, "cleanup.policy": "delete", "segment.ms": "7"])
  }

  @Test func createsOnceAndThenHasNothingToDo() throws {
    let cluster = FakeCluster()
    #expect(try apply(cluster).applied == [.create(spec)])
    let again = try apply(cluster)
    #expect(again.isComplete && again.applied.isEmpty)
    #expect(cluster.performed.count == 1)
  }

  @Test func addsPartitionsAndSetsOnlyWhatDiffers() throws {
    let cluster = FakeCluster([existing(partitions: 1, retention: "9")])
    let outcome = try apply(cluster)
    #expect(outcome.isComplete && outcome.applied.count == 2)
    #expect(cluster.topics["orders"]?.configuration?["segment.ms"] == "7")
    #expect(cluster.topics["orders"]?.partitions == 3)
  }

  @Test func doesNothingAtAllWhileSomethingIsRefused() throws {
    let cluster = FakeCluster([existing(partitions: 4, retention: "9")])
    let outcome = try apply(cluster)
    #expect(!outcome.isComplete && cluster.performed.isEmpty)
  }

  @Test func anotherRunThatWasFasterIsNoFailure() throws {
    let cluster = FakeCluster()
    cluster.beforeChange = { $0.topics["orders"] = self.existing() }
    cluster.refusal = KafkaError(code: 36, doing: "creating topic orders")
    let outcome = try apply(cluster)
    #expect(outcome.isComplete && outcome.failures.isEmpty)
  }

  @Test func whatTheFasterRunLeftDifferentIsSet() throws {
    let cluster = FakeCluster()
    cluster.beforeChange = { cluster in
      cluster.topics["orders"] = self.existing(retention: "5")
      cluster.beforeChange = { $0.refusal = nil }
    }
    cluster.refusal = KafkaError(code: 36, doing: "creating topic orders")
    let outcome = try apply(cluster)
    #expect(outcome.isComplete)
    #expect(outcome.applied == [.configure(topic: "orders", entry: "retention.ms", from: "5", to: "1000")])
  }

  @Test func aBrokerThatCannotIsReportedAndNotAskedForever() throws {
    let cluster = FakeCluster([existing(partitions: 1)])
    cluster.refusal = KafkaError(code: -165, doing: "adding partitions")
    let outcome = try apply(cluster)
    #expect(!outcome.isComplete && cluster.performed.count == 1)
    #expect(outcome.failures.first?.text.contains("cannot add partitions to a topic; it stays at 1") == true)
  }

  @Test func aChangeThatIsNotVisibleYetIsWaitedFor() throws {
    let cluster = FakeCluster()
    cluster.hiddenReadings = 2
    let outcome = try apply(cluster)
    #expect(outcome.isComplete && cluster.pauses > 0 && cluster.performed.count == 1)
  }

  @Test func configurationThatIsTakenButNeverShownIsUnconfirmed() throws {
    let cluster = FakeCluster([existing(retention: "9")])
    cluster.ignoresConfiguration = true
    let outcome = try apply(cluster)
    #expect(outcome.isComplete && outcome.unconfirmed.count == 1 && cluster.performed.count == 1)
  }
}

/// A cluster in memory with the faults of real ones; used from one test's thread only.
private final class FakeCluster: TopicCluster {
  var topics: [String: TopicState]
  var performed: [TopicChange] = []
  var refusal: KafkaError?
  var beforeChange: (FakeCluster) -> Void = { _ in }
  /// So many readings after the first show nothing.
  var hiddenReadings = 0
  var ignoresConfiguration = false
  var pauses = 0

  init(_ states: [TopicState] = []) {
    topics = Dictionary(uniqueKeysWithValues: states.map { ($0.name, $0) })
  }

  func states(configurationOf names: Set<String>) throws(KafkaError) -> [TopicState] {
    if !performed.isEmpty, hiddenReadings > 0 {
      hiddenReadings -= 1
      return []
    }
    return topics.values.sorted { $0.name < $1.name }
  }

  func perform(_ change: TopicChange) throws(KafkaError) {
    performed.append(change)
    beforeChange(self)
    if let refusal { throw refusal }
    switch change {
    case .create(let spec):
      topics[spec.name] = TopicState(
        name: spec.name, partitions: spec.partitions, replicationFactor: spec.replicationFactor,
        configuration: spec.configuration)
    case .addPartitions(let topic, _, let total): replace(topic, partitions: total)
    case .configure(let topic, let entry, _, let value):
      if !ignoresConfiguration { replace(topic, entries: [entry: value]) }
    }
  }

  private func replace(_ topic: String, partitions: Int? = nil, entries: [String: String] = [:]) {
    guard let old = topics[topic] else { return }
    topics[topic] = TopicState(
      name: topic, partitions: partitions ?? old.partitions, replicationFactor: old.replicationFactor,
      configuration: old.configuration?.merging(entries) { _, new in new })
  }
}
