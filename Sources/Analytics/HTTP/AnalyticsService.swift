import HTTPService
import HTTPTypes
import Hummingbird
import Logging
import Telemetry

/// The analytics role: REST under `/api/v1`, the dashboard at `/`, health and metrics beside them.
package struct AnalyticsService: Sendable {
  private let warehouse: any Warehouse
  private let keys: ServiceKeys
  private let deadline: Duration
  private let metrics: MetricsRegistry

  /// - Parameter deadline: the longest a query may take; a caller may ask for less by `X-Request-Timeout-Ms`.
  package init(
    warehouse: any Warehouse, keys: ServiceKeys, deadline: Duration = .seconds(20),
    metrics: MetricsRegistry = MetricsRegistry()
  ) {
    self.warehouse = warehouse
    self.keys = keys
    self.deadline = deadline
    self.metrics = metrics
  }

  /// Serves until a stop signal (when `stopsOnSignals`) or until the surrounding task is cancelled.
  package func serve(on role: HTTPRole, stopsOnSignals: Bool = true) async throws {
    try await role.serve(router(), stopsOnSignals: stopsOnSignals)
  }

  private func router() -> Router<AnalyticsContext> {
    let router = Router(context: AnalyticsContext.self, options: .autoGenerateHeadEndpoints)
    router.add(middleware: RequestIdentity())
    router.add(middleware: RequestObserver(metrics: metrics))
    router.add(middleware: FailureBodies(translate: AnalyticsFailures.failure))
    OperationsRoutes(checks: [readiness], metrics: metrics).add(to: router)
    let api = router.group("api/v1").add(middleware: KeyRequired(keys: keys))
    QueryRoutes(answering: Answering(warehouse: warehouse), deadline: deadline).add(to: api)
    DashboardRoutes(isLocal: keys.acceptsLocalDefault).add(to: router)
    return router
  }

  private var readiness: HealthCheck {
    HealthCheck("clickhouse") { [warehouse] in
      do {
        // Also fails while the schema has not been migrated.
        let statement = Statement(sql: "SELECT count() FROM events FORMAT JSONCompact", parameters: [:])
        _ = try await warehouse.read(statement, for: RequestScope(requestID: "health", deadline: .now + .seconds(3)))
        return .ready
      } catch let failure as WarehouseFailure {
        return .notReady(failure.reason)
      } catch {
        return .notReady("\(error)")
      }
    }
  }
}

extension WarehouseFailure {
  /// For the operator.
  var reason: String {
    switch self {
    case .unavailable(let reason), .misconfigured(let reason): reason
    case .overloaded: "too many questions wait for ClickHouse"
    case .deadlineExceeded: "ClickHouse did not answer in time"
    case .tooLarge(let limit): "over a limit: \(limit)"
    }
  }
}
