import ClickHouse
import Foundation
import Kafka
import RealServers

/// Topics, a migrated database and collectors of one test's own, on whatever servers the environment names.
final class CollectorBench {
  let id = UUID().uuidString.prefix(8).lowercased()
  let environment: [String: String]
  let topics: [String]
  let partitions: Int
  private let admin: KafkaAdmin
  let producer: KafkaProducer
  let writer: ClickHouseConnection

  /// - Parameter servers: variables that name servers of the test's own, over those of the test run.
  init(topics count: Int = 2, partitions: Int = 3, servers: [String: String] = [:]) throws {
    var environment = ProcessInfo.processInfo.environment.merging(servers) { _, ours in ours }
    for name in ["CLICKHOUSE_URL", "KAFKA_BROKERS"] where environment[name] == nil {
      throw Failure("\(name) is not set: run the tests with `make test`, which starts the servers")
    }
    let id = id
    topics = (0..<count).map { "test-\(id)-\($0)" }
    self.partitions = partitions
    environment["CLICKHOUSE_DATABASE"] = "test_\(id)"
    environment["COLLECTOR_TOPICS"] = topics.joined(separator: ",")
    environment["COLLECTOR_GROUP"] = "group-\(id)"
    environment["COLLECTOR_PORT"] = "0"
    environment["COLLECTOR_FLUSH_INTERVAL"] = "200ms"
    environment["LOG_LEVEL"] = "debug"
    self.environment = environment
    let kafka = KafkaConfiguration(brokers: environment["KAFKA_BROKERS"]!)
    admin = try KafkaAdmin(kafka)
    producer = try KafkaProducer(kafka)
    writer = ClickHouseConnection(
      try ClickHouseConfiguration(
        url: environment["CLICKHOUSE_URL"]!, database: "test_\(id)", user: "analytics_writer",
        password: environment["CLICKHOUSE_PASSWORD_WRITER"] ?? "writer-local"))
    for topic in topics {
      try admin.createTopic(topic, partitions: partitions, replicationFactor: 1, configuration: [:])
    }
    let migrated = try Kartoteka.run(["migrate", "up"], environment: environment)
    guard migrated.status == 0 else { throw Failure("migrate up: \(migrated.errors) \(migrated.output)") }
  }

  deinit {
    for topic in topics { try? admin.deleteTopic(topic) }
    _ = try? writer.execute("DROP DATABASE IF EXISTS test_\(id)")
  }

  func startCollector(_ more: [String: String] = [:]) throws -> Kartoteka {
    try Kartoteka(["collector"], environment: environment.merging(more) { _, ours in ours })
  }

  /// Queues one message; waits where the producer's queue is full.
  func send(_ value: String?, key: String, topic: Int = 0) throws {
    try send(value.map { Array($0.utf8) }, key: key, topic: topic)
  }

  func send(_ value: [UInt8]?, key: String, topic: Int = 0) throws {
    let key = Array(key.utf8)
    while true {
      do {
        try key.withUnsafeBytes { key in
          if let value {
            try value.withUnsafeBytes { try producer.send(topic: topics[topic], key: key, value: $0, token: 0) }
          } else {
            try producer.send(topic: topics[topic], key: key, value: nil, token: 0)
          }
        }
        return
      } catch let error as KafkaError where error.isQueueFull {
        producer.poll(timeoutMs: 50)
      }
    }
  }

  /// Waits until the broker has everything.
  func flush() throws {
    var failed: KafkaError?
    let left = producer.flush(timeoutMs: 60_000) { if let error = $0.error { failed = error } }
    if let failed { throw failed }
    if left > 0 { throw Failure("\(left) messages were not delivered") }
  }

  /// The first cell of a question's answer.
  func number(_ sql: String) throws -> Int {
    let text = String(decoding: try writer.execute(sql), as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
    guard let number = Int(text) else { throw Failure("\(sql) answers \(text)") }
    return number
  }

  func rows(_ sql: String) throws -> [[String]] {
    String(decoding: try writer.execute(sql + " FORMAT TabSeparatedRaw"), as: UTF8.self).split(separator: "\n")
      .map { $0.split(separator: "\t", omittingEmptySubsequences: false).map(String.init) }
  }

  /// Waits until so many rows are in events and dead_letters together.
  func awaitRows(events: Int, deadLetters: Int = 0, seconds: Double = 90) -> Bool {
    eventually(within: seconds, every: 0.25) {
      // A server that is being killed and restarted answers later.
      guard let e = try? number("SELECT count() FROM events"), let d = try? number("SELECT count() FROM dead_letters")
      else { return false }
      return e >= events && d >= deadLetters
    }
  }

  func audit() throws -> Kartoteka.Ended { try Kartoteka.run(["collector", "audit"], environment: environment) }
}

/// Events as a producer writes them, made by hand: independent of the encoder under test.
enum SampleEvents {
  static func id(_ number: Int) -> String {
    let hex = String(number, radix: 16)
    return "00000000-0000-4000-8000-" + String(repeating: "0", count: 12 - hex.count) + hex
  }

  static func time(_ number: Int) -> String {
    let second = number % 60
    let minute = number / 60 % 60
    let hour = number / 3600 % 24
    let day = 1 + number / 86_400 % 28
    func two(_ n: Int) -> String { n < 10 ? "0\(n)" : "\(n)" }
    return "2025-\(two(1 + number % 12))-\(two(day))T\(two(hour)):\(two(minute)):\(two(second)).123Z"
  }

  /// One of four kinds, by number.
  static func event(_ number: Int) -> String {
    let time = time(number)
    let user = number % 97
    switch number % 4 {
    case 0:
      return envelope(
        number, "learning_session_started",
        #"{"session_id":\#(number),"user_id":\#(user),"deck_id":\#(number % 13),"started_at":"\#(time)"}"#)
    case 1:
      return envelope(
        number, "learning_session_finished",
        """
        {"session_id":\(number),"user_id":\(user),"deck_id":\(number % 13),"finished_at":"\(time)",\
        "total_cards_seen":\(number % 30),"learned_cards":\(number % 7),"duration_sec":\(number % 900),\
        "completed":\(number % 3 == 0)}
        """)
    case 2:
      return envelope(
        number, "card_answered",
        """
        {"session_id":\(number),"user_id":\(user),"deck_id":\(number % 13),"card_id":\(number % 501),\
        "correct":\(number % 2 == 0),"answer_time_ms":\(number % 9000),"rating":3,"answered_at":"\(time)"}
        """)
    default:
      return envelope(
        number, "course_progress_updated",
        """
        {"course_id":\(number % 7),"user_id":\(user),"deck_id":\(number % 13),\
        "progress_percent":\(number % 101),"updated_at":"\(time)"}
        """)
    }
  }

  static func envelope(_ number: Int, _ type: String, _ payload: String) -> String {
    """
    {"event_id":"\(id(number))","event_type":"\(type)","event_version":1,"occured_at":"\(time(number))",\
    "producer":"decks-service","payload":\(payload)}
    """
  }
}
