import ArgumentParser
import Audit
import ClickHouse
import Collector
import EventSchema
import Foundation
import Settings
import Telemetry

struct CollectorCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "collector",
    abstract: "Batch events from Kafka into ClickHouse, each exactly once in effect.",
    discussion: """
      Reads the four topics as one consumer group, decodes, and inserts Native blocks as analytics_writer. Start as many \
      as you like: they share the partitions. SIGTERM flushes, commits and leaves the group.

      Settings come from the environment; a flag overrides its variable. docs/delivery.md tells what is promised.
      """,
    subcommands: [RunCollector.self, AuditCommand.self],
    defaultSubcommand: RunCollector.self)
}

struct RunCollector: AsyncParsableCommand {
  static let configuration = CommandConfiguration(commandName: "run", abstract: "Collect until SIGTERM or SIGINT.")

  @Option(help: "Comma-separated host:port list (KAFKA_BROKERS, default localhost:9092).")
  var brokers: String?
  @Option(help: "Consumer group (COLLECTOR_GROUP, default events-collector).")
  var group: String?
  @Option(help: "Comma-separated topics (COLLECTOR_TOPICS, default the catalogue's four).")
  var topics: String?
  @Option(help: "Address of ClickHouse's HTTP interface (CLICKHOUSE_URL, default http://localhost:8123).")
  var clickhouse: String?
  @Option(help: "Database (CLICKHOUSE_DATABASE, default analytics).")
  var database: String?
  @Option(help: "Port of /health and /metrics; 0 for any free one (COLLECTOR_PORT, default 8006).")
  var port: String?
  @Option(help: "Most events in an insert (COLLECTOR_FLUSH_ROWS, default 262144).")
  var flushRows: String?
  @Option(help: "Message bytes after which a partition is flushed (COLLECTOR_FLUSH_BYTES, default 96MiB).")
  var flushBytes: String?
  @Option(help: "Longest wait of a message before its insert (COLLECTOR_FLUSH_INTERVAL, default 600ms).")
  var flushInterval: String?
  @Option(
    help: "Memory for messages not yet inserted; reading pauses above it (COLLECTOR_BUFFER_BYTES, default 88MiB).")
  var bufferBytes: String?
  @Option(help: "Threads that decode and insert, beside one that only decodes (COLLECTOR_WORKERS, default 2).")
  var workers: String?

  func run() async throws {
    let settings = Settings().overriding([
      "KAFKA_BROKERS": brokers, "COLLECTOR_GROUP": group, "COLLECTOR_TOPICS": topics, "CLICKHOUSE_URL": clickhouse,
      "CLICKHOUSE_DATABASE": database, "COLLECTOR_PORT": port, "COLLECTOR_FLUSH_ROWS": flushRows,
      "COLLECTOR_FLUSH_BYTES": flushBytes, "COLLECTOR_FLUSH_INTERVAL": flushInterval,
      "COLLECTOR_BUFFER_BYTES": bufferBytes, "COLLECTOR_WORKERS": workers,
    ])
    try LogOutput.bootstrap(settings)
    let configuration = try Self.configuration(settings)
    try await CollectorRole(
      configuration: configuration, host: settings.text("COLLECTOR_HOST", default: "127.0.0.1"),
      port: try settings.port("COLLECTOR_PORT", default: 8006)
    ).run()
  }

  private static func configuration(_ settings: Settings) throws -> CollectorConfiguration {
    var configuration = CollectorConfiguration(
      kafka: try settings.kafka(),
      topics: settings.list("COLLECTOR_TOPICS", default: Catalogue.v1.topics.map(\.name)),
      clickHouse: try settings.clickHouseWriter(), settings: try settings.events())
    configuration.group = settings.text("COLLECTOR_GROUP", default: configuration.group)
    configuration.flushRows = try settings.integer(
      "COLLECTOR_FLUSH_ROWS", default: configuration.flushRows, in: 1...1_000_000)
    configuration.flushBytes = try settings.bytes(
      "COLLECTOR_FLUSH_BYTES", default: configuration.flushBytes, in: 1024...(1 << 30))
    configuration.flushIntervalMs = try settings.milliseconds(
      "COLLECTOR_FLUSH_INTERVAL", default: configuration.flushIntervalMs, in: .milliseconds(10) ... .seconds(60))
    configuration.bufferBytes = try settings.bytes(
      "COLLECTOR_BUFFER_BYTES", default: configuration.bufferBytes, in: (4 << 20)...(64 << 30))
    configuration.workers = try settings.integer("COLLECTOR_WORKERS", default: configuration.workers, in: 1...64)
    configuration.repeatWindow = try settings.integer(
      "COLLECTOR_REPEAT_WINDOW", default: configuration.repeatWindow, in: 0...(1 << 30))
    configuration.leaseMs = Int64(
      try settings.milliseconds(
        "COLLECTOR_LEASE", default: Int(configuration.leaseMs), in: .seconds(1) ... .seconds(600)))
    configuration.insertTimeoutMs = Int64(
      try settings.milliseconds(
        "COLLECTOR_INSERT_TIMEOUT", default: Int(configuration.insertTimeoutMs), in: .seconds(1) ... .seconds(600)))
    configuration.stopDeadlineMs = try settings.milliseconds(
      "COLLECTOR_STOP_DEADLINE", default: configuration.stopDeadlineMs, in: .seconds(1) ... .seconds(600))
    configuration.clickHouse.requestTimeoutMs = Int(configuration.insertTimeoutMs) + 5_000
    return configuration
  }
}

extension Settings {
  func milliseconds(_ name: String, default fallback: Int, in range: ClosedRange<Duration>) throws(SettingError) -> Int
  {
    let duration = try duration(name, default: .milliseconds(fallback), in: range)
    return Int(duration.components.seconds) * 1000 + Int(duration.components.attoseconds / 1_000_000_000_000_000)
  }
}

struct AuditCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "audit",
    abstract: "Prove that nothing is lost and nothing doubled.",
    discussion: """
      Compares the ledger of claimed ranges with the rows of events and dead_letters, range by range, and every rollup \
      with the raw table. Events that a producer sent more than once are counted too, and are no fault of the collector's. \
      Exit status: 0 it holds, 1 a gap, a duplicate or a rollup that differs, 2 (with --settled) a \
      range is still open.
      """)

  @Flag(help: "Also demand that no range is half in: for a collector that has nothing left to do.")
  var settled = false
  @Option(help: "Address of ClickHouse's HTTP interface (CLICKHOUSE_URL, default http://localhost:8123).")
  var clickhouse: String?
  @Option(help: "Database (CLICKHOUSE_DATABASE, default analytics).")
  var database: String?

  func run() async throws {
    let settings = Settings().overriding(["CLICKHOUSE_URL": clickhouse, "CLICKHOUSE_DATABASE": database])
    let report = try Audit(ClickHouseConnection(try settings.clickHouseWriter())).run()
    print(report.text)
    if !report.holds { throw ExitCode(1) }
    if settled, !report.isSettled { throw ExitCode(2) }
  }
}
