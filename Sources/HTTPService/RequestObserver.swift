import Hummingbird
import Synchronization
import Telemetry

/// Counts and times requests by route, and logs one line for each.
package struct RequestObserver: Sendable {
  private let metrics: MetricsRegistry
  /// What the metrics' names begin with; empty, or a domain service's name and `_`.
  private let prefix: String
  private let inFlight: Gauge
  private let known = Known()

  /// Requests that are counted and timed together.
  private struct Kind: Hashable {
    let method: String
    let route: String
    let status: Int
  }

  /// The instruments that were asked for once; looking one up by its labels takes as long as much of an answer.
  private final class Known: Sendable {
    let instruments = Mutex<[Kind: (requests: Counter, seconds: Histogram)]>([:])
  }

  /// - Parameter service: the name of a domain service, whose metrics are `users_http_requests_total` and the like.
  package init(metrics: MetricsRegistry, service: String? = nil) {
    self.metrics = metrics
    prefix = service.map { $0 + "_" } ?? ""
    inFlight = metrics.gauge(prefix + "http_requests_in_flight", help: "Requests being answered now.")
  }

  /// A request whose answer is about to be made.
  func begin<Context: IdentifiedRequestContext>(_ request: Request, _ context: Context) -> ObservedRequest {
    let start = ContinuousClock.now
    return ObservedRequest(inFlight) { status in finished(request, context, status, start) }
  }

  private func finished(
    _ request: Request, _ context: some RequestContext, _ status: Int, _ start: ContinuousClock.Instant
  ) {
    let elapsed = ContinuousClock.now - start
    let route = context.endpointPath ?? "unknown"
    let (requests, seconds) = instruments(Kind(method: Self.method(request), route: route, status: status))
    requests.increment()
    seconds.observe(elapsed)
    let quiet = route.hasPrefix("/health") || route == "/metrics"
    context.logger.log(
      level: quiet ? .debug : .info, "request",
      metadata: [
        "method": "\(request.method.rawValue)", "path": "\(LoggedPath.text(request.uri.path, route: route))",
        "status": "\(status)", "elapsed_ms": "\(Int((elapsed / .milliseconds(1)).rounded()))",
      ])
  }

  private func instruments(_ kind: Kind) -> (requests: Counter, seconds: Histogram) {
    known.instruments.withLock { instruments in
      if let known = instruments[kind] { return known }
      let requests = metrics.counter(
        prefix + "http_requests_total", help: "Requests answered.",
        labels: ["method": kind.method, "route": kind.route, "status": String(kind.status)])
      let seconds = metrics.histogram(
        prefix + "http_request_duration_seconds", help: "Time from a request's head to the end of its answer.",
        labels: ["method": kind.method, "route": kind.route])
      instruments[kind] = (requests, seconds)
      return (requests, seconds)
    }
  }

  /// Methods are the caller's to invent; labels are not.
  private static func method(_ request: Request) -> String {
    switch request.method {
    case .get, .head, .post, .put, .patch, .delete, .options: request.method.rawValue
    default: "other"
    }
  }
}
