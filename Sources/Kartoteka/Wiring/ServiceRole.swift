import CMalloc
import HTTPService
import Hummingbird
import Logging
import ServiceContract
import ServiceLifecycle
import Settings
import Telemetry

/// A domain service as a process: its port, its signals, and what works beside its answers.
///
/// Told to stop, it drains and answers what it has begun; then what works beside it ends, from the last to the first.
struct ServiceRole: Sendable {
  let host: String
  let port: Int
  /// To stand among the checks of the service's router.
  let drain: Drain
  let longestRequest: Duration
  var limits: ConnectionLimits
  let metrics: MetricsRegistry
  let log: Logger

  /// What may still take time after the answers: a relay's last events, say.
  private static let afterwards = Duration.seconds(20)

  /// - Parameter name: the service's, in the log.
  init(
    _ name: String, host: String, port: Int, longestRequest: Duration, settings: Settings
  ) throws(SettingError) {
    // Before there are threads: what one of them frees in an arena of its own no other can use again, and each would have one.
    mallopt(M_ARENA_MAX, 2)
    self.host = host
    self.port = port
    self.longestRequest = longestRequest
    drain = Drain(.seconds(try settings[\.services.drain]))
    limits = try settings.connectionLimits()
    metrics = MetricsRegistry.bootstrap()
    log = Logger(label: name)
  }

  /// Serves until SIGTERM or SIGINT; a second one ends the process at once.
  /// - Parameter interceptor: sees requests before the router does.
  /// - Throws: `HTTPRole.StartFailure`, or what one of those beside threw first.
  func run<Context: RequestContext>(
    _ router: @escaping @Sendable () -> Router<Context>, beside: [any Service] = [],
    interceptor: HTTPRole.Interceptor? = nil
  ) async throws where Context.Source == ApplicationRequestContextSource {
    let role = HTTPRole(
      host: host, port: port, longestRequest: longestRequest, limits: limits, drain: drain, logger: log,
      onRunning: { [log, host] in log.info("listening", metadata: ["url": "http://\(host):\($0)/"]) })
    try await ServiceGroup.run(
      Answers(role: role, router: router, metrics: metrics, interceptor: interceptor), beside: beside,
      stopWithin: drain.period + role.stopDeadline + Self.afterwards, log: log)
    log.info("stopped")
  }

  private struct Answers<Context: RequestContext>: Service where Context.Source == ApplicationRequestContextSource {
    let role: HTTPRole
    let router: @Sendable () -> Router<Context>
    let metrics: MetricsRegistry
    let interceptor: HTTPRole.Interceptor?

    func run() async throws {
      try await role.serve(router(), metrics: metrics, stopsOnSignals: false, interceptor: interceptor)
    }
  }
}
