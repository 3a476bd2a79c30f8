import Analytics
import ArgumentParser
import ClickHouse
import Foundation
import HTTPService
import Logging
import Settings
import Telemetry

struct AnalyticsCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "analytics",
    abstract: "Answers queries over REST, and serves the dashboard.",
    discussion: """
      The dashboard is at http://HOST:PORT/ and the API below /api/v1: POST /query, GET /meta, GET /reports/overview.
      /health/live, /health/ready and /metrics are on the same port. ClickHouse is read as analytics_reader only.
      SIGTERM and SIGINT end the service after the requests it has begun.

      Every setting is an environment variable; a flag goes before it.
        ANALYTICS_HOST              127.0.0.1
        ANALYTICS_PORT              8003
        ANALYTICS_SERVICE_KEYS      dashboard:local-dashboard-key
                                    Who may ask: name:key, comma-separated, sent as Authorization: Bearer KEY.
        ANALYTICS_QUERY_DEADLINE    20s     The longest a query may take, at most 30s.
        ANALYTICS_CONNECTIONS       8       Queries ClickHouse is asked at once.
        CLICKHOUSE_URL              http://localhost:8123
        CLICKHOUSE_DATABASE         analytics
        CLICKHOUSE_USER_READER      analytics_reader
        CLICKHOUSE_PASSWORD_READER  reader-local
        KARTOTEKA_ENV               local   Anything else: the default keys and passwords are refused.
        LOG_LEVEL                   info    trace, debug, info, notice, warning, error, critical
        LOG_FORMAT                          json, or text (the default on a terminal)

      Exit status: 0 after a stop signal, 1 when the service cannot start, 64 for a wrong flag.
      """)

  @Option(help: ArgumentHelp("Address to listen on.", valueName: "address"))
  var host: String?

  @Option(help: ArgumentHelp("Port to listen on; 0 takes a free one.", valueName: "port"))
  var port: Int?

  @Option(help: ArgumentHelp("ClickHouse's HTTP interface.", valueName: "url"))
  var clickhouse: String?

  @Option(help: ArgumentHelp("Database with the migrated tables.", valueName: "name"))
  var database: String?

  @Option(help: ArgumentHelp("The longest a query may take, as 500ms or 20s.", valueName: "time"))
  var queryDeadline: String?

  func run() async throws {
    let settings = Settings().overriding([
      "ANALYTICS_HOST": host, "ANALYTICS_PORT": port.map { String($0) }, "CLICKHOUSE_URL": clickhouse,
      "CLICKHOUSE_DATABASE": database, "ANALYTICS_QUERY_DEADLINE": queryDeadline,
    ])
    try LogOutput.bootstrap(settings)
    let logger = Logger(label: "analytics")
    let keys = try ServiceKeys(settings)
    let deadline = try settings.duration(
      "ANALYTICS_QUERY_DEADLINE", default: .seconds(20), in: .milliseconds(100)...Duration.seconds(30))
    let client = try Self.client(settings, deadline: deadline)
    defer { client.close() }
    let metrics = MetricsRegistry()
    ProcessMetrics.register(in: metrics)
    let service = AnalyticsService(
      warehouse: ClickHouseWarehouse(client), keys: keys, deadline: deadline, metrics: metrics)
    let host = settings.text("ANALYTICS_HOST", default: "127.0.0.1")
    let role = HTTPRole(
      host: host, port: try settings.port("ANALYTICS_PORT", default: 8003), logger: logger,
      onRunning: { port in
        logger.info("listening", metadata: ["url": "http://\(host):\(port)/", "clickhouse": "\(client.configuration)"])
      })
    try await service.serve(on: role)
    logger.info("stopped")
  }

  private static func client(_ settings: Settings, deadline: Duration) throws -> ClickHouseClient {
    let url = try settings.url("CLICKHOUSE_URL", default: "http://localhost:8123")
    let password = try settings.secret("CLICKHOUSE_PASSWORD_READER", localDefault: "reader-local")
    do {
      let configuration = try ClickHouseConfiguration(
        url: url.absoluteString, database: settings.text("CLICKHOUSE_DATABASE", default: "analytics"),
        user: settings.text("CLICKHOUSE_USER_READER", default: "analytics_reader"), password: password.revealed,
        // The server ends a query at the deadline; this only ends one whose server has fallen silent.
        requestTimeoutMs: Int((deadline + .seconds(5)) / .milliseconds(1)))
      let connections = try settings.integer("ANALYTICS_CONNECTIONS", default: 8, in: 1...256)
      return ClickHouseClient(configuration, connections: connections)
    } catch let error as InvalidClickHouseConfiguration {
      throw SettingError("CLICKHOUSE_URL", "cannot be used: \(error)")
    }
  }
}
