import HTTPService
import HTTPTypes
import Hummingbird
import Logging
import Settings
import Telemetry

/// The analytics role: REST under `/api/v1`, the dashboard at `/`, health and metrics beside them.
package struct AnalyticsService: Sendable {
  private let warehouse: SharedWarehouse
  private let probe: any Warehouse
  private let keys: ServiceKeys
  private let gateway: Secret?
  private let deadline: Duration
  private let drain: Drain
  private let metrics: MetricsRegistry

  /// - Parameters:
  ///   - warehouse: answers questions.
  ///   - probe: answers whether the service is ready; with a connection of its own it does so under load too.
  ///   - gateway: the secret by which the gateway proves itself; nil: nobody comes through it.
  ///   - deadline: the longest a query may take; a caller may ask for less by `X-Request-Timeout-Ms`.
  ///   - drain: of the role that it is served on.
  package init(
    warehouse: any Warehouse, probe: any Warehouse, keys: ServiceKeys, gateway: Secret? = nil,
    deadline: Duration = .seconds(20), drain: Drain = Drain(), metrics: MetricsRegistry = MetricsRegistry()
  ) {
    self.warehouse = SharedWarehouse(warehouse)
    self.probe = SharedWarehouse(probe)
    self.keys = keys
    self.gateway = gateway
    self.deadline = deadline
    self.drain = drain
    self.metrics = metrics
  }

  /// Serves until a stop signal (when `stopsOnSignals`) or until the surrounding task is cancelled.
  package func serve(on role: HTTPRole, stopsOnSignals: Bool = true) async throws {
    precondition(role.stopDeadline > deadline, "a query under way is answered before the service stops")
    registerMetrics()
    try await role.serve(router(), metrics: metrics, stopsOnSignals: stopsOnSignals)
  }

  private func registerMetrics() {
    let warehouse = warehouse
    metrics.gauges("analytics_statements_waiting", help: "Statements that wait for a connection to ClickHouse.") {
      [.init(Double(warehouse.load.waiting))]
    }
    metrics.gauges("analytics_statements_running", help: "Statements that ClickHouse is being asked.") {
      [.init(Double(warehouse.load.running))]
    }
    metrics.counters(
      "analytics_statements_refused_total", help: "Statements not sent, for they would not have ended in time."
    ) {
      let load = warehouse.load
      return [
        .init(Double(load.overloaded), labels: ["reason": "overloaded"]),
        .init(Double(load.expired), labels: ["reason": "deadline"]),
      ]
    }
    metrics.counters(
      "analytics_statements_shared_total", help: "Statements not sent because an equal one was under way."
    ) { [.init(Double(warehouse.sharedCount))] }
  }

  /// The operations under `/api`, as they are routed and documented.
  package var api: API<AnalyticsContext> {
    var api = API<AnalyticsContext>(
      title: "Kartoteka analytics", version: "1",
      notes:
        "Questions to the platform's events. Send a service key as a Bearer token, or ask through the gateway as a manager; docs/queries.md has the language.",
      // Its keys are asked for before the operations, by a middleware.
      authorize: { _, _ in })
    let late = metrics.counter(
      "analytics_late_answers_total", help: "Answers ready only after the deadline of their request.")
    QueryRoutes(answering: Answering(warehouse: warehouse), deadline: deadline, late: late).add(to: &api)
    return api
  }

  package func router() -> Router<AnalyticsContext> {
    let router = Router(context: AnalyticsContext.self, options: .autoGenerateHeadEndpoints)
    let api = api
    router.add(
      middleware: RequestFrame(
        observer: RequestObserver(metrics: metrics),
        failures: FailureBodies(metrics: metrics, translate: AnalyticsFailures.failure),
        methods: MethodRefusal(api, code: "method_not_allowed")))
    OperationsRoutes(checks: [readiness, drain.check], metrics: metrics).add(to: router)
    DocsRoutes(api).add(to: router)
    let group = router.group().add(middleware: KeyRequired(keys: keys, gateway: gateway))
    api.add(to: group)
    QueryRoutes.addUnknownReport(to: group)
    DashboardRoutes(isLocal: keys.acceptsLocalDefault).add(to: router)
    return router
  }

  private var readiness: HealthCheck {
    HealthCheck("clickhouse") { [probe] in
      do {
        // Also fails while the schema has not been migrated.
        let statement = Statement(sql: "SELECT count() FROM events FORMAT JSONCompact", parameters: [:])
        _ = try await probe.read(statement, for: RequestScope(requestID: "health", deadline: .now + .seconds(3)))
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
