import Blocking
import Foundation
import Kafka
import Logging
import Postgres
import RealServers
import ServiceLifecycle
import ServiceStore
import Synchronization
import Telemetry

/// An outbox, keys to lock, a topic, and relays, of one test's own.
///
/// An event's value is `KEY NUMBER`; the numbers of a key are 1, 2, 3 … in the order of the commits, for they are counted
/// under its lock.
final class RelayBench {
  let store: StoreDatabase
  let topic = "outbox-\(UUID().uuidString.prefix(8).lowercased())"
  let kafka: KafkaConfiguration
  private let admin: KafkaAdmin
  private static let partitions = 3

  init(postgres: PostgresConfiguration? = nil, brokers: String? = nil) throws {
    store = try StoreDatabase(postgres)
    guard let brokers = brokers ?? ProcessInfo.processInfo.environment["KAFKA_BROKERS"] else {
      throw Failure("KAFKA_BROKERS is not set: run the tests with `make test`, which starts the servers")
    }
    kafka = KafkaConfiguration(brokers: brokers)
    admin = try KafkaAdmin(kafka)
    try admin.createTopic(topic, partitions: Self.partitions, replicationFactor: 1, configuration: [:])
    try store.admin.sql(
      "CREATE TABLE keys (key text PRIMARY KEY, number int8 NOT NULL DEFAULT 0)",
      "INSERT INTO keys (key) SELECT 'k' || n FROM generate_series(0, 7) n")
  }

  deinit { try? admin.deleteTopic(topic) }

  // MARK: Writing

  /// One transaction that counts keys, in their order, and tells of it.
  static func write(
    _ keys: [String], topic: String, over connection: PostgresConnection, pause: () -> Void = {},
    rollingBack: Bool = false
  ) throws {
    struct Undone: Error {}
    do {
      try connection.transaction(until: .now + .seconds(20)) { transaction in
        for key in keys.sorted() {
          try transaction.run(count(.text(key)))
          pause()
          try transaction.run(tell(.text(key), .text(topic)))
          pause()
        }
        if rollingBack { throw Undone() }
      }
    } catch is Undone {}
  }

  private static let count = PostgresStatement(
    "bench.count", "UPDATE keys SET number = number + 1 WHERE key = $1")
  private static let tell = PostgresStatement(
    "bench.tell",
    """
    INSERT INTO outbox (event_id, topic, key, value)
    SELECT gen_random_uuid(), $2, key, key || ' ' || number FROM keys WHERE key = $1
    """)

  func write(_ keys: String...) throws { try Self.write(keys, topic: topic, over: store.admin) }

  /// So many events in one transaction, over all keys.
  func fill(_ count: Int) throws {
    try store.admin.run(
      PostgresStatement(
        unprepared: """
          WITH told AS (
            INSERT INTO outbox (event_id, topic, key, value)
            SELECT gen_random_uuid(), $2, key, key || ' ' || (number + place)
            FROM keys, generate_series(1, $1) AS place ORDER BY place, key)
          UPDATE keys SET number = number + $1
          """)(.int8(count / 8), .text(topic)), until: .now + .seconds(30))
  }

  // MARK: Relays

  /// A relay in this process, until `stop`, which lets it flush.
  final class Relay: Sendable {
    let metrics = MetricsRegistry()
    let signal = OutboxSignal()
    private let group: ServiceGroup
    private let task: Task<Void, any Error>

    fileprivate init(_ postgres: PostgresConfiguration, _ kafka: KafkaConfiguration) {
      var log = Logger(label: "relay")
      log.logLevel = .critical
      let relay = OutboxRelay(postgres, kafka, signal: signal, metrics: metrics, log: log)
      let group = ServiceGroup(services: [relay], logger: log)
      self.group = group
      task = Task { try await group.run() }
    }

    func stop() async throws {
      await group.triggerGracefulShutdown()
      try await task.value
    }

    /// Ends it at once.
    func cancel() async {
      task.cancel()
      _ = await task.result
    }

    /// The value of a metric's line, which has this beginning.
    func metric(_ name: String) -> Double? {
      let line = metrics.exposition().split(separator: "\n").first { $0.hasPrefix(name + " ") }
      return line.flatMap { Double($0.split(separator: " ").last ?? "") }
    }
  }

  func relay(_ change: (inout PostgresConfiguration) -> Void = { _ in }) -> Relay {
    var configuration = store.configuration
    change(&configuration)
    return Relay(configuration, kafka)
  }

  /// A relay as a process of its own; it does not outlive the test.
  final class RelayProcess {
    fileprivate let process = Process()

    deinit { signal(SIGKILL) }

    func signal(_ number: Int32) { if process.isRunning { kill(process.processIdentifier, number) } }

    /// The signal that ended it; nil if it ended by itself, or not within these seconds.
    func deadlySignal(within seconds: Double) -> Int32? {
      guard eventually(within: seconds, { !process.isRunning }) else { return nil }
      return process.terminationReason == .uncaughtSignal ? process.terminationStatus : nil
    }
  }

  func process(dyingAt moment: String, _ count: Int = 1) throws -> RelayProcess {
    let relay = RelayProcess()
    let process = relay.process
    process.executableURL = Kartoteka.root.appending(path: ".build/release/relay-process")
    process.arguments = [try store.database.url(), kafka.brokers, moment, "\(count)"]
    process.standardInput = FileHandle.nullDevice
    try process.run()
    return relay
  }

  func pending() throws -> Int { try store.admin.number("SELECT count(*) FROM outbox") }

  // MARK: What arrived

  struct Arrived {
    /// The numbers of each key, as they came first.
    var numbers: [String: [Int]] = [:]
    var repeats = 0
  }

  /// All that is in the topic.
  func arrived() throws -> Arrived {
    let consumer = try KafkaConsumer(kafka, group: topic)
    var ends: [TopicPartition: Int64] = [:]
    for number in 0..<Self.partitions {
      let partition = TopicPartition(topic: topic, partition: Int32(number))
      ends[partition] = try admin.watermarks(of: partition).high
    }
    try consumer.assign(ends.mapValues { _ in 0 })
    var arrived = Arrived()
    var left = ends.values.reduce(0, +)
    let deadline = ContinuousClock.now + .seconds(30)
    while left > 0 {
      guard ContinuousClock.now < deadline else { throw Failure("\(left) messages of \(topic) cannot be read") }
      _ = consumer.fetch(timeoutMs: 200)
      consumer.drain { _, message in
        left -= 1
        let words = String(decoding: message.value ?? .init(start: nil, count: 0), as: UTF8.self).split(separator: " ")
        guard words.count == 2, let number = Int(words[1]) else { return }
        let key = String(words[0])
        if arrived.numbers[key, default: []].contains(number) {
          arrived.repeats += 1
        } else {
          arrived.numbers[key, default: []].append(number)
        }
      }
    }
    return arrived
  }

  /// What is wrong with what arrived; nil if each key's events are there, in the order of the commits.
  func problem(_ arrived: Arrived) throws -> String? {
    for row in try store.admin.sql("SELECT key, number FROM keys ORDER BY key") {
      let (key, count) = (try row.value(0, as: String.self), try row.value(1, as: Int.self))
      let numbers = arrived.numbers[key] ?? []
      guard numbers == Array(0..<count).map({ $0 + 1 }) else {
        return "\(key): \(count) were committed, \(numbers.count) arrived: \(numbers.prefix(50))"
      }
    }
    return nil
  }
}
