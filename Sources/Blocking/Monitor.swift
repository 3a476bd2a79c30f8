import Foundation

/// State behind a lock that threads can wait on until it changes.
///
/// `Mutex` has no condition variable; the workers need one. `@unchecked`: `state` is touched only under `condition`'s lock.
package final class Monitor<State>: @unchecked Sendable {
  private let condition = NSCondition()
  private var state: State

  package init(_ state: sending State) { self.state = state }

  package func withLock<Result>(_ body: (inout State) throws -> Result) rethrows -> Result {
    condition.lock()
    defer { condition.unlock() }
    return try body(&state)
  }

  /// Runs `body` until it gives a value, waiting for `notify` or the moment it names in between.
  package func wait<Result>(_ body: (inout State) -> Waiting<Result>) -> Result {
    condition.lock()
    defer { condition.unlock() }
    while true {
      switch body(&state) {
      case .done(let result): return result
      case .until(let moment): _ = condition.wait(until: moment)
      }
    }
  }

  /// Wakes all who wait, to look again.
  package func notify() { condition.broadcast() }
}

/// What a waiter found.
package enum Waiting<Result> {
  case done(Result)
  /// Look again when notified, or at this moment at the latest.
  case until(Date)
}
