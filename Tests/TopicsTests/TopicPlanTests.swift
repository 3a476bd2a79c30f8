import Testing
import Topics

@Suite struct TopicPlanTests {
  private let spec = TopicSpec(
    name: "orders", partitions: 3, replicationFactor: 1, retention: Retention(milliseconds: 1000),
    cleanupPolicy: .compactAndDelete, config: ["max.message.bytes": "5"])

  private func state(
    partitions: Int = 3, replicationFactor: Int = 1, configuration: [String: String]? = nil,
    without: Set<String> = [], changing: [String: String] = [:]
  ) -> TopicState {
    var entries = configuration ?? spec.configuration
    for (name, value) in changing { entries[name] = value }
    for name in without { entries[name] = nil }
    return TopicState(
      name: "orders", partitions: partitions, replicationFactor: replicationFactor, configuration: entries)
  }

  private func plan(_ states: TopicState...) -> TopicPlan {
    TopicPlan(file: TopicFile(topics: [spec]), cluster: states)
  }

  @Test func aMissingTopicIsCreated() {
    #expect(plan().changes == [.create(spec)])
  }

  @Test func anEqualTopicIsAdopted() {
    let same = plan(state(changing: ["cleanup.policy": "delete, compact", "segment.ms": "7"]))
    #expect(same.changes.isEmpty && same.refusals.isEmpty && same.notes.isEmpty)
  }

  @Test func unlistedTopicsAreNotMentioned() {
    let other = TopicState(name: "other", partitions: 1, replicationFactor: 1, configuration: nil)
    #expect(plan(state(), other) == plan(state()))
  }

  @Test func differencesComeFieldByField() {
    let changed = plan(
      state(
        partitions: 2, without: ["max.message.bytes"],
        changing: ["retention.ms": "2000", "cleanup.policy": "delete"]))
    let wanted: [TopicChange] = [
      .addPartitions(topic: "orders", from: 2, to: 3),
      .configure(topic: "orders", entry: "cleanup.policy", from: "delete", to: "compact,delete"),
      .configure(topic: "orders", entry: "max.message.bytes", from: nil, to: "5"),
      .configure(topic: "orders", entry: "retention.ms", from: "2000", to: "1000"),
    ]
    #expect(changed.changes == wanted)
    #expect(changed.changes.last?.description == "orders: retention.ms 2000 (2s) → 1000 (1s)")
  }

  @Test func fewerPartitionsAreRefusedByName() {
    let fewer = plan(state(partitions: 4))
    #expect(fewer.changes.isEmpty)
    #expect(fewer.refusals.count == 1)
    #expect(fewer.refusals.first?.description.contains("orders: partitions 4 → 3 is refused") == true)
  }

  @Test func replicationIsOnlyNoted() {
    let replicated = plan(state(replicationFactor: 3))
    #expect(replicated.changes.isEmpty && replicated.refusals.isEmpty)
    #expect(replicated.notes.first?.text.contains("replication factor is 3, wanted 1") == true)
  }

  @Test func aBrokerThatTellsNoConfigurationIsNoDifference() {
    let mute = plan(TopicState(name: "orders", partitions: 3, replicationFactor: 1, configuration: nil))
    #expect(mute.changes.isEmpty && mute.notes.count == 1)
  }
}
