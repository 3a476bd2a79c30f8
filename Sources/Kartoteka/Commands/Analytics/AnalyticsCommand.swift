import Analytics
import ArgumentParser
import ClickHouse
import Foundation
import HTTPService
import Logging
import ServiceContract
import Settings
import Telemetry

struct AnalyticsCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "analytics",
    abstract: "Answers queries over REST, and serves the dashboard.",
    discussion: """
      The dashboard is at http://HOST:PORT/ and the API below /api/v1: POST /query, GET /meta, GET /reports/overview;
      /api/docs shows it in a browser, /api/openapi.json is the same for programs.
      /health/live, /health/ready and /metrics are on the same port. ClickHouse is read as analytics_reader only.
      SIGTERM and SIGINT end the service: it drains (DRAIN_SECONDS), and answers the requests it has begun.

      Every setting is an environment variable; a flag goes before it.
      \(SettingsPage.text(readBy: .analytics))

      Exit status: 0 after a stop signal, 1 when the service cannot start, 64 for a wrong flag.
      """)

  @Option(help: .setting(\.analytics.host, valueName: "address"))
  var host: String?

  @Option(help: .setting(\.analytics.port, valueName: "port"))
  var port: String?

  @OptionGroup var clickHouse: ClickHouseOptions

  @Option(help: .setting(\.analytics.queryDeadline, valueName: "time"))
  var queryDeadline: String?

  func run() async throws {
    let settings = clickHouse.settings.overriding(\.analytics.host, with: host)
      .overriding(\.analytics.port, with: port).overriding(\.analytics.queryDeadline, with: queryDeadline)
    try LogOutput.bootstrap(settings)
    let logger = Logger(label: "analytics")
    let keys = try ServiceKeys(settings)
    let gateway = try Self.gateway(settings)
    let deadline = try settings[\.analytics.queryDeadline]
    let client = try Self.client(settings, connections: try settings[\.analytics.connections])
    // However much is being asked, /health/ready is answered.
    let probe = try Self.client(settings, connections: 1)
    defer {
      client.close()
      probe.close()
    }
    let metrics = MetricsRegistry.bootstrap()
    let drain = Drain(.seconds(try settings[\.services.drain]))
    let service = AnalyticsService(
      warehouse: ClickHouseWarehouse(client), probe: ClickHouseWarehouse(probe), keys: keys, gateway: gateway,
      deadline: deadline, drain: drain, metrics: metrics)
    let host = try settings[\.analytics.host]
    let role = HTTPRole(
      host: host, port: try settings[\.analytics.port], longestRequest: deadline,
      limits: try settings.connectionLimits(), drain: drain, logger: logger,
      onRunning: { port in
        logger.info("listening", metadata: ["url": "http://\(host):\(port)/", "clickhouse": "\(client.configuration)"])
      })
    try await service.serve(on: role)
    logger.info("stopped")
  }

  /// Outside the local platform nobody comes through a gateway whose secret is not set.
  private static func gateway(_ settings: Settings) throws(SettingError) -> Secret? {
    guard settings.isLocal || settings.isSet(\.trust.gatewaySecret) else { return nil }
    let secret = try settings[\.trust.gatewaySecret]
    guard secret.revealed.utf8.count >= TrustSecrets.shortestBytes else {
      throw SettingError("GATEWAY_SECRET", "must have at least \(TrustSecrets.shortestBytes) bytes")
    }
    return secret
  }

  private static func client(_ settings: Settings, connections: Int) throws(SettingError) -> ClickHouseClient {
    ClickHouseClient(try settings.clickHouseReader(), connections: connections, queue: 1024)
  }
}
