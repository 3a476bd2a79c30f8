import Synchronization

/// A server's way out: told to stop, it says so at `/health/ready` and still takes requests for a while, so that whoever
/// sends them can turn elsewhere; each answer closes its connection meanwhile.
package final class Drain: Sendable {
  private struct State {
    var hasBegun = false
    var lastNumber = 0
    var waiting: [Int: @Sendable () -> Void] = [:]
  }

  /// How long requests are still taken.
  package let period: Duration
  private let state = Mutex(State())

  package init(_ period: Duration = .zero) {
    self.period = period
  }

  package var hasBegun: Bool { state.withLock { $0.hasBegun } }

  /// For `/health/ready`.
  package var check: HealthCheck {
    HealthCheck("drain") { [self] in hasBegun ? .notReady("told to stop") : .ready }
  }

  /// Calls `action` once the server is told to stop, at once if it has been; until `forget` with the number returned. For
  /// answers without an end, which end then.
  package func whenBegun(_ action: @escaping @Sendable () -> Void) -> Int {
    let (number, hasBegun) = state.withLock { state in
      state.lastNumber += 1
      if !state.hasBegun { state.waiting[state.lastNumber] = action }
      return (state.lastNumber, state.hasBegun)
    }
    if hasBegun { action() }
    return number
  }

  package func forget(_ number: Int) {
    state.withLock { $0.waiting[number] = nil }
  }

  func begin() {
    let waiting = state.withLock { state in
      state.hasBegun = true
      defer { state.waiting = [:] }
      return state.waiting
    }
    for action in waiting.values { action() }
  }
}
