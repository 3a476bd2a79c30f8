import Telemetry

/// Metrics that are read when they are asked for, and those of requests that reached no service.
enum GatewayMetrics {
  static func requests(_ metrics: MetricsRegistry, route: String, status: Int) -> Counter {
    metrics.counter(
      "gateway_http_requests_total",
      help: "Requests answered, by the service they were for (none: no service); 499: the client left first.",
      labels: ["route": route, "status": String(status)])
  }

  static func register(_ upstreams: [Upstream], _ revocations: Revocations, in metrics: MetricsRegistry) {
    @Sendable func samples(_ value: (Upstream) -> Int) -> [MetricsRegistry.Sample] {
      upstreams.map { .init(Double(value($0)), labels: ["upstream": $0.name.rawValue]) }
    }
    metrics.gauges("gateway_upstream_pending", help: "Requests waiting for a connection to a service.") {
      samples { $0.pending }
    }
    metrics.gauges("gateway_upstream_connections", help: "Open connections to a service.") {
      samples { $0.connections }
    }
    metrics.gauges("gateway_breaker_state", help: "Of a service: 0 asked, 1 tried by a probe, 2 not asked.") {
      samples { $0.breakerLevel }
    }
    metrics.gauges(
      "gateway_revocation_age_seconds", help: "How old the knowledge of revoked tokens is; -1: incomplete."
    ) { [.init(revocations.ageMs.map { Double($0) / 1000 } ?? -1)] }
    metrics.gauges("gateway_revocations", help: "Revoked tokens, and people whose earlier tokens are refused.") {
      [.init(Double(revocations.count))]
    }
  }
}
