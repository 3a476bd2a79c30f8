import EventSchema
import Foundation
import Testing
import Topics

@Suite struct TopicFileTests {
  private static let good = """
    topics:
      orders:
        partitions: 3
        replication_factor: 1
        retention: 14d
        cleanup_policy: delete
        config:
          max.message.bytes: 2097152
    """

  private func reason(_ yaml: String) -> String {
    do {
      _ = try TopicFile(yaml: yaml, file: "t.yaml")
      return "accepted"
    } catch { return error.description }
  }

  @Test func everyFieldIsRead() throws {
    let file = try TopicFile(yaml: Self.good, file: "t.yaml")
    let topic = try #require(file.topics.first)
    #expect(file.topics.count == 1)
    #expect(topic.name == "orders" && topic.partitions == 3 && topic.replicationFactor == 1)
    #expect(
      topic.configuration == [
        "retention.ms": "1209600000", "cleanup.policy": "delete", "max.message.bytes": "2097152",
      ])
    #expect(file.replicated(3).topics.first?.replicationFactor == 3)
  }

  /// Each fault: what is replaced in the good file, by what, and what the error says.
  @Test(arguments: [
    ("partitions: 3", "partitons: 3", "t.yaml, line 3: topic orders: unknown key “partitons”; known are partitions,"),
    ("partitions: 3", "partitions: many", "line 3: partitions of topic orders must be a whole number from 1 to 10000"),
    ("partitions: 3", "partitions: 0", "not “0”"),
    ("partitions: 3", "partitions: [3]", "line 3: partitions of topic orders must be a single value"),
    ("replication_factor: 1", "replication_factor: 99", "line 4: replication_factor of topic orders must be a whole"),
    ("retention: 14d", "retention: 14 days", "line 5: retention of topic orders must be a time with its unit"),
    ("retention: 14d", "retention: -1d", "not “-1d”"),
    ("retention: 14d", "retention: 99999999999999999d", "not “99999999999999999d”"),
    (
      "cleanup_policy: delete", "cleanup_policy: drop", "line 6: cleanup_policy of topic orders must be one of “delete”"
    ),
    ("cleanup_policy: delete", "config: {}", "t.yaml, line"),
    (
      "max.message.bytes: 2097152", "retention.ms: 1",
      "line 8: topic orders: retention.ms is not given in config but as"
    ),
    ("max.message.bytes: 2097152", "max message: 1", "“max message” is no name of a topic configuration"),
    ("partitions: 3\n", "\n", "topic orders has no partitions"),
    ("orders", "__orders", "line 2: “__orders”: names with __ in front are Kafka's own"),
    ("orders", "or/ders", "line 2: “or/ders” is no topic name"),
    ("topics:", "topic:", "line 1: unknown key “topic”; the only one here is topics"),
    ("partitions: 3", "partitions: 3\n    partitions: 4", "has a key twice: “partitions”"),
    ("topics:", "topics: [", "is no YAML here"),
  ])
  func aFaultIsNamedWithItsLine(old: String, new: String, error: String) {
    let said = reason(Self.good.replacingOccurrences(of: old, with: new))
    #expect(said.contains(error), "said: \(said)")
  }

  @Test func anEmptyFileIsRefused() {
    #expect(reason("").contains("is empty"))
    #expect(reason("topics: {}").contains("names no topic"))
  }

  @Test(arguments: [
    ("250ms", 250), ("30s", 30_000), ("10m", 600_000), ("36h", 129_600_000), ("14d", 1_209_600_000), ("forever", -1),
  ])
  func retentionIsReadAndWritten(text: String, milliseconds: Int64) throws {
    let retention = try #require(Retention(text))
    #expect(retention.kafkaValue == String(milliseconds))
    #expect(retention.description == text)
    #expect(Retention(kafkaValue: String(milliseconds)) == retention)
  }

  @Test func theRepositorysFileDeclaresTheCataloguesTopics() throws {
    let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    let yaml = try String(contentsOf: root.appending(path: "kafka/topics.yaml"), encoding: .utf8)
    let topics = try TopicFile(yaml: yaml, file: "kafka/topics.yaml").topics
    #expect(topics.map(\.name).sorted() == Topic.allCases.map(\.name).sorted())
    let wanted: [Topic: (partitions: Int, retention: String)] = [
      .learning: (6, "14d"), .course: (3, "30d"), .content: (3, "30d"), .user: (2, "30d"),
    ]
    for (topic, values) in wanted {
      let spec = try #require(topics.first { $0.name == topic.name })
      #expect(spec.partitions == values.partitions)
      #expect(spec.retention == Retention(values.retention))
      #expect(spec.cleanupPolicy == .delete, "history is the product")
    }
  }
}
