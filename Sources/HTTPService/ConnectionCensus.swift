import Synchronization
import Telemetry

/// Who is connected: counts connections by address and refuses those over a limit.
final class ConnectionCensus: Sendable {
  private struct State {
    var byAddress: [String: Int] = [:]
    var total = 0
  }

  private let limits: ConnectionLimits
  private let state = Mutex(State())
  private let metrics: MetricsRegistry?

  init(_ limits: ConnectionLimits, _ metrics: MetricsRegistry?) {
    self.limits = limits
    self.metrics = metrics
  }

  var count: Int { state.withLock { $0.total } }

  /// Counts a connection that the server closed.
  func closed(_ reason: String) {
    guard let metrics else { return }
    metrics.counter(
      "http_connections_closed_total", help: "Connections closed for what their client did.",
      labels: ["reason": reason]
    ).increment()
  }

  /// True if there is room for one more; it must leave then.
  func enter(_ address: String) -> Bool {
    state.withLock { state in
      let known = state.byAddress[address, default: 0]
      guard state.total < limits.connections, known < limits.connectionsPerAddress else { return false }
      state.total += 1
      state.byAddress[address] = known + 1
      return true
    }
  }

  func leave(_ address: String) {
    state.withLock { state in
      state.total -= 1
      let left = state.byAddress[address, default: 1] - 1
      state.byAddress[address] = left == 0 ? nil : left
    }
  }
}
