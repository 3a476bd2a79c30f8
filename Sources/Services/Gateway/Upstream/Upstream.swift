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
  /// Where it stands among all.
  let place: Int
  /// What requests become on their way to it.
  let forwarding: ForwardedRequest
  /// Of one event loop.
  let connectionsPerLoop: Int
  private let state = Mutex(State())
  private let metrics: MetricsRegistry
  private let failures: [UpstreamFailure: Counter]
  private let tries: Counter
  private let retries: Counter
  private let durations: Histogram

  init(
    _ name: UpstreamName, _ address: UpstreamAddress, place: Int, gatewaySecret: String, connectionsPerLoop: Int,
    metrics: MetricsRegistry
  ) {
    self.name = name
    self.address = address
    self.place = place
    forwarding = ForwardedRequest(upstreamHost: address.authority, gatewaySecret: gatewaySecret)
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

  /// A request is there, and is tried for the first time.
  func began(_ now: NIODeadline) -> CircuitBreaker.Admission {
    state.withLock { state in
      state.budget.began()
      return state.breaker.admit(now.breakerNs)
    }
  }

  /// - Parameter retries: how many further tries it had, for each of which ``takeRetry()`` was true.
  func ended(status: Int, retries: Int, seconds: Double) {
    let counter = state.withLock { state in
      state.budget.ended()
      for _ in 0..<retries { state.budget.retryEnded() }
      if let known = state.statuses[status] { return known }
      let made = GatewayMetrics.requests(metrics, route: name.rawValue, status: status)
      state.statuses[status] = made
      return made
    }
    counter.increment()
    durations.observe(seconds)
  }

  func takeRetry() -> Bool {
    let isTaken = state.withLock { $0.budget.takeRetry() }
    if isTaken { retries.increment() }
    return isTaken
  }

  /// One try more.
  func admit(_ now: NIODeadline) -> CircuitBreaker.Admission { state.withLock { $0.breaker.admit(now.breakerNs) } }

  func answered(isProbe: Bool, _ now: NIODeadline) {
    state.withLock { $0.breaker.succeeded(now.breakerNs, isProbe: isProbe) }
  }

  /// - Parameter isFault: false for what tells nothing of the service.
  func failed(_ cause: UpstreamFailure, isFault: Bool, isProbe: Bool) {
    failures[cause]?.increment()
    state.withLock { state in
      if isFault {
        state.breaker.failed(NIODeadline.now().breakerNs, isProbe: isProbe)
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

extension NIODeadline {
  fileprivate var breakerNs: Int64 { Int64(uptimeNanoseconds) }
}
