import Hummingbird
import Logging
import ServiceLifecycle
import Telemetry

/// Health and metrics on a port of their own, for roles that serve nothing else.
///
/// A service that a group starts before the work and stops after it: health stays answerable until the work has ended.
package struct OperationsServer: Service {
  private let role: HTTPRole
  private let routes: OperationsRoutes
  private let metrics: MetricsRegistry

  package init(
    host: String, port: Int, checks: [HealthCheck], metrics: MetricsRegistry,
    limits: ConnectionLimits = ConnectionLimits(), logger: Logger,
    onRunning: @escaping @Sendable (Int) async -> Void = { _ in }
  ) {
    role = HTTPRole(host: host, port: port, limits: limits, logger: logger, onRunning: onRunning)
    self.metrics = metrics
    routes = OperationsRoutes(checks: checks, metrics: metrics)
  }

  /// Serves until the group stops it, or the surrounding task is cancelled.
  /// - Throws: `HTTPRole.StartFailure` when the address cannot be bound.
  package func run() async throws {
    let router = Router(context: ServiceContext.self)
    router.add(middleware: RequestFrame(failures: FailureBodies()))
    routes.add(to: router)
    try await role.serve(router, metrics: metrics, stopsOnSignals: false)
  }
}
