import Blocking
import Telemetry

extension ServiceRole {
  /// Shows what is asked of others, whatever answers: each pool by its name.
  /// - Parameter pools: all of the process; a second call replaces the first.
  func watch(_ pools: [String: @Sendable () -> PoolLoad]) {
    metrics.gauges("pool_requests_running", help: "Requests under way, by what is asked.") {
      pools.map { .init(Double($1().running), labels: ["pool": $0]) }
    }
    metrics.gauges("pool_requests_waiting", help: "Requests that wait for a connection, by what is asked.") {
      pools.map { .init(Double($1().waiting), labels: ["pool": $0]) }
    }
    metrics.counters("pool_requests_refused_total", help: "Requests not sent, for they would not have ended in time.") {
      pools.flatMap { name, load in
        let load = load()
        return [
          MetricsRegistry.Sample(Double(load.overloaded), labels: ["pool": name, "reason": "overloaded"]),
          MetricsRegistry.Sample(Double(load.expired), labels: ["pool": name, "reason": "deadline"]),
        ]
      }
    }
  }
}
