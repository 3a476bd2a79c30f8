import HTTPService
import Hummingbird
import Logging
import Telemetry

/// A server with a router of the test's own.
enum LiveRouter {
  /// Serves on a free port for as long as `body` runs.
  static func serve<Context: RequestContext>(
    _ router: @escaping @Sendable () -> Router<Context>, limits: ConnectionLimits = ConnectionLimits(),
    metrics: MetricsRegistry? = nil, drain: Drain = Drain(), _ body: @Sendable (Int) async throws -> Void
  ) async throws where Context.Source == ApplicationRequestContextSource {
    let (ports, announce) = AsyncStream<Int>.makeStream()
    let role = HTTPRole(
      host: "127.0.0.1", port: 0, limits: limits, drain: drain,
      logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }, onRunning: { announce.yield($0) })
    try await withThrowingTaskGroup { group in
      group.addTask { try await role.serve(router(), metrics: metrics, stopsOnSignals: false) }
      if let port = await ports.first(where: { _ in true }) { try await body(port) }
      group.cancelAll()
    }
  }
}
