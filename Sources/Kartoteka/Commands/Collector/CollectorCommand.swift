import ArgumentParser
import Audit
import Blocking
import ClickHouse
import Foundation
import Settings
import Telemetry

struct CollectorCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "collector",
    abstract: "Batch events from Kafka into ClickHouse, each exactly once in effect.",
    discussion: """
      Reads the four topics as one consumer group, decodes, and inserts Native blocks as analytics_writer. Start as many \
      as you like: they share the partitions. SIGTERM or SIGINT flushes and commits within COLLECTOR_STOP_DEADLINE, and \
      ends with status 0; a second one ends at once, with status 143 or 130.

      docs/delivery.md tells what is promised. Settings come from the environment; a flag overrides its variable.
      \(SettingsPage.text(readBy: .collector))
      """,
    subcommands: [RunCollector.self, AuditCommand.self],
    defaultSubcommand: RunCollector.self)
}

struct RunCollector: AsyncParsableCommand {
  static let configuration = CommandConfiguration(commandName: "run", abstract: "Collect until SIGTERM or SIGINT.")

  @OptionGroup var kafka: KafkaOptions
  @OptionGroup var clickHouse: ClickHouseOptions
  @Option(help: .setting(\.collector.group)) var group: String?
  @Option(help: .setting(\.collector.topics)) var topics: String?
  @Option(help: .setting(\.collector.port)) var port: String?
  @Option(help: .setting(\.collector.flushRows)) var flushRows: String?
  @Option(help: .setting(\.collector.flushBytes)) var flushBytes: String?
  @Option(help: .setting(\.collector.flushInterval)) var flushInterval: String?
  @Option(help: .setting(\.collector.bufferBytes)) var bufferBytes: String?
  @Option(help: .setting(\.collector.workers)) var workers: String?

  func run() async throws {
    let settings = kafka.laid(over: clickHouse.settings)
      .overriding(\.collector.group, with: group).overriding(\.collector.topics, with: topics)
      .overriding(\.collector.port, with: port).overriding(\.collector.flushRows, with: flushRows)
      .overriding(\.collector.flushBytes, with: flushBytes).overriding(\.collector.flushInterval, with: flushInterval)
      .overriding(\.collector.bufferBytes, with: bufferBytes).overriding(\.collector.workers, with: workers)
    try LogOutput.bootstrap(settings)
    try await CollectorRole(
      configuration: try settings.collector(), host: try settings[\.collector.host],
      port: try settings[\.collector.port], limits: try settings.connectionLimits()
    ).run()
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
  @OptionGroup var clickHouse: ClickHouseOptions

  func run() async throws {
    let configuration = try clickHouse.settings.clickHouseWriter()
    let report = try await BlockingThread.run("audit") { try Audit(ClickHouseConnection(configuration)).run() }
    print(report.text)
    if !report.holds { throw ExitCode(1) }
    if settled, !report.isSettled { throw ExitCode(2) }
  }
}
