import Foundation
import Kafka
import RealServers
import Testing
import Topics

/// `kartoteka topics` as a process, against the broker that the environment names.
@Suite struct TopicsTests {
  private let id = UUID().uuidString.prefix(8).lowercased()
  private let admin: KafkaAdmin

  init() throws {
    guard let brokers = ProcessInfo.processInfo.environment["KAFKA_BROKERS"] else {
      throw Failure("KAFKA_BROKERS is not set: run the tests with `make test`, which starts the servers")
    }
    admin = try KafkaAdmin(KafkaConfiguration(brokers: brokers))
  }

  private var listed: String { "topics-\(id)-listed" }
  private var unlisted: String { "topics-\(id)-unlisted" }

  private func topics(
    _ command: String, partitions: Int = 3, retention: String = "14d", more: [String] = []
  ) throws -> Kartoteka.Ended {
    let file = FileManager.default.temporaryDirectory.appending(path: "topics-\(UUID().uuidString).yaml")
    defer { try? FileManager.default.removeItem(at: file) }
    try """
    topics:
      \(listed):
        partitions: \(partitions)
        replication_factor: 1
        retention: \(retention)
        cleanup_policy: delete
        config:
          max.message.bytes: 2097152
    """.write(to: file, atomically: true, encoding: .utf8)
    return try Kartoteka.run(["topics", command, "--file", file.path] + more)
  }

  private func state(_ name: String) throws -> TopicState? {
    try admin.states(configurationOf: [listed, unlisted]).first { $0.name == name }
  }

  @Test func planThenApplyThenNothingIsLeft() throws {
    defer { for name in [listed, unlisted] { try? admin.deleteTopic(name) } }
    try admin.createTopic(unlisted, partitions: 2, replicationFactor: 1, configuration: ["retention.ms": "777000"])

    let before = try topics("plan")
    #expect(before.status == 2)
    #expect(before.output.contains("\(listed): create with partitions=3"))
    let applied = try topics("apply")
    #expect(applied.status == 0, "\(applied.output) \(applied.errors)")
    #expect(try topics("plan").status == 0)
    #expect(try topics("apply").status == 0)

    let longer = try topics("plan", retention: "20d")
    #expect(longer.status == 2 && longer.output.contains("retention.ms 1209600000 (14d) → 1728000000 (20d)"))
    #expect(try topics("apply", retention: "20d").status == 0)
    let configuration = try #require(try state(listed)?.configuration)
    #expect(configuration["retention.ms"] == "1728000000")
    #expect(configuration["max.message.bytes"] == "2097152", "what did not differ keeps its value")

    #expect(!before.output.contains(unlisted) && !applied.output.contains(unlisted))
    #expect(try state(unlisted)?.partitions == 2)
    #expect(try state(unlisted)?.configuration?["retention.ms"] == "777000")
    #expect(try topics("list").output.contains(unlisted))
  }

  @Test func partitionsAreAddedWhereTheBrokerCanAndNeverTakenAway() throws {
    defer { try? admin.deleteTopic(listed) }
    #expect(try topics("apply").status == 0)

    let fewer = try topics("plan", partitions: 2)
    #expect(fewer.status == 1 && fewer.output.contains("\(listed): partitions 3 → 2 is refused"))
    let refused = try topics("apply", partitions: 2, retention: "1d")
    #expect(refused.status == 1)
    #expect(try state(listed)?.partitions == 3)
    #expect(try state(listed)?.configuration?["retention.ms"] == "1209600000", "nothing is done while one is refused")

    let more = try topics("plan", partitions: 5)
    #expect(more.status == 2 && more.output.contains("\(listed): partitions 3 → 5"))
    let added = try topics("apply", partitions: 5)
    if added.status == 0 {
      #expect(try state(listed)?.partitions == 5)
      #expect(try topics("plan", partitions: 5).status == 0)
    } else {
      // Tansu, the local platform's broker, has no CreatePartitions; then the reason must be said and nothing changed.
      #expect(added.output.contains("this broker cannot add partitions to a topic; it stays at 3"))
      #expect(try state(listed)?.partitions == 3)
    }
  }

  @Test func twoAtOnceBothSucceed() async throws {
    defer { try? admin.deleteTopic(listed) }
    let statuses = await withTaskGroup(of: Int32?.self) { group in
      for _ in 0..<4 { group.addTask { try? topics("apply").status } }
      return await group.reduce(into: []) { $0.append($1) }
    }
    #expect(statuses == [0, 0, 0, 0])
  }

  @Test func jsonNamesEveryField() throws {
    defer { try? admin.deleteTopic(listed) }
    let plan = try topics("plan", more: ["--json"])
    let object = try #require(try JSONSerialization.jsonObject(with: Data(plan.output.utf8)) as? [String: Any])
    let changes = try #require(object["changes"] as? [[String: Any]])
    #expect(plan.status == 2 && changes.count == 1)
    #expect(changes.first?["topic"] as? String == listed && changes.first?["field"] as? String == "create")
  }
}
