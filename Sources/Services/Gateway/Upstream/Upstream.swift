import NIOCore
import Synchronization
import Telemetry

/// A service, as all event loops see it together: its breaker, its budget of retries, how many wait, and what is counted.
package final class Upstream: Sendable {
  private struct State {
    var breaker = CircuitBreaker()
    var budget = RetryBudget()
    var pending = 0
    var connections = 0
    var statuses: [Int: Counter] = [:]
  }

  package static let mostPending = 256

  let name: UpstreamName
  let address: UpstreamAddress
  /// Of one event loop.
  let connectionsPerLoop: Int
  private let state = Mutex(State())
  private let metrics: MetricsRegistry
  private let failures: [UpstreamFailure: Counter]
  private let tries: Counter
  private let retries: Counter
  private let durations: Histogram

  init(_ name: UpstreamName, _ address: UpstreamAddress, connectionsPerLoop: Int, metrics: MetricsRegistry) {
    self.name = name
    self.address = address
    self.connectionsPerLoop = connectionsPerLoop
    self.metrics = metrics
    let label = ["upstream": name.rawValue]
    failures = Dictionary(
      uniqueKeysWithValues: UpstreamFailure.allCases.map { cause in
        let counter = metrics.counter(
          "gateway_upstream_errors_total", help: "Tries to which a service gave no answer, by cause.",
          labels: label.merging(["cause": cause.rawValue]) { $1 })
        return (cause, counter)
      })
    tries = metrics.counter("gateway_upstream_tries_total", help: "Requests sent to a service.", labels: label)
    retries = metrics.counter(
      "gateway_upstream_retries_total", help: "Those of them that were not the first for their request.", labels: label)
    durations = metrics.histogram(
      "gateway_request_duration_seconds", help: "From a request's head to the end of its answer.", labels: label)
  }

  // MARK: A request's life

  func began() { state.withLock { $0.budget.began() } }

  /// - Parameter retries: how many further tries it had, for each of which ``takeRetry()`` was true.
  func ended(retries: Int) {
    state.withLock { state in
      state.budget.ended()
      for _ in 0..<retries { state.budget.retryEnded() }
    }
  }

  func takeRetry() -> Bool {
    let isTaken = state.withLock { $0.budget.takeRetry() }
    if isTaken { retries.increment() }
    return isTaken
  }

  func admit() -> CircuitBreaker.Admission { state.withLock { $0.breaker.admit(SystemClocks.monotonicNs()) } }

  func answered(isProbe: Bool) {
    state.withLock { $0.breaker.succeeded(SystemClocks.monotonicNs(), isProbe: isProbe) }
  }

  /// - Parameter isFault: false for what tells nothing of the service.
  func failed(_ cause: UpstreamFailure, isFault: Bool, isProbe: Bool) {
    failures[cause]?.increment()
    state.withLock { state in
      if isFault {
        state.breaker.failed(SystemClocks.monotonicNs(), isProbe: isProbe)
      } else {
        state.breaker.abandoned(isProbe: isProbe)
      }
    }
  }

  func abandoned(isProbe: Bool) {
    if isProbe { state.withLock { $0.breaker.abandoned(isProbe: true) } }
  }

  // MARK: Connections

  func sent() { tries.increment() }

  /// True if one more may wait; it leaves by ``leaveQueue()``.
  func enterQueue() -> Bool {
    state.withLock { state in
      guard state.pending < Self.mostPending else { return false }
      state.pending += 1
      return true
    }
  }

  func leaveQueue() { state.withLock { $0.pending -= 1 } }

  func connectionsChanged(by count: Int) { state.withLock { $0.connections += count } }

  // MARK: Readings

  func count(status: Int, _ elapsed: Duration) {
    let counter = state.withLock { state in
      if let known = state.statuses[status] { return known }
      let made = GatewayMetrics.requests(metrics, route: name.rawValue, status: status)
      state.statuses[status] = made
      return made
    }
    counter.increment()
    durations.observe(elapsed)
  }

  var pending: Int { state.withLock { $0.pending } }
  var connections: Int { state.withLock { $0.connections } }
  /// 0 closed, 1 half open, 2 open.
  var breakerLevel: Int {
    switch state.withLock({ $0.breaker.state }) {
    case .closed: 0
    case .halfOpen: 1
    case .open: 2
    }
  }
}
