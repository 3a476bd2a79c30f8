import Glibc

/// State behind a lock that threads can wait on until it changes.
///
/// `Mutex` has no condition variable; the workers need one, and Foundation's waits by the wall clock, which may be set back
/// while one waits. `@unchecked`: `state` is touched only under `lock`.
package final class Monitor<State>: @unchecked Sendable {
  private let lock: UnsafeMutablePointer<pthread_mutex_t>
  private let condition: UnsafeMutablePointer<pthread_cond_t>
  private var state: State

  package init(_ state: sending State) {
    self.state = state
    lock = .allocate(capacity: 1)
    condition = .allocate(capacity: 1)
    var attributes = pthread_condattr_t()
    pthread_condattr_init(&attributes)
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
    precondition(
      pthread_mutex_init(lock, nil) == 0 && pthread_cond_init(condition, &attributes) == 0, "no lock can be made")
    pthread_condattr_destroy(&attributes)
  }

  deinit {
    pthread_cond_destroy(condition)
    pthread_mutex_destroy(lock)
    condition.deallocate()
    lock.deallocate()
  }

  package func withLock<Result>(_ body: (inout State) throws -> Result) rethrows -> Result {
    pthread_mutex_lock(lock)
    defer { pthread_mutex_unlock(lock) }
    return try body(&state)
  }

  /// Runs `body` until it gives a value, waiting for `notify` or the moment it names in between.
  package func wait<Result>(_ body: (inout State) -> Waiting<Result>) -> Result {
    pthread_mutex_lock(lock)
    defer { pthread_mutex_unlock(lock) }
    while true {
      switch body(&state) {
      case .done(let result): return result
      case .until(let moment): sleep(until: moment)
      }
    }
  }

  /// Wakes all who wait, to look again.
  package func notify() { pthread_cond_broadcast(condition) }

  /// Wakes one of those who wait: enough where any of them would do.
  package func notifyOne() { pthread_cond_signal(condition) }

  private func sleep(until moment: ContinuousClock.Instant) {
    let left = moment - ContinuousClock.now
    guard left > .zero else { return }
    // `ContinuousClock` counts a suspended machine's time, CLOCK_MONOTONIC does not: whoever wakes looks again.
    var deadline = timespec()
    clock_gettime(CLOCK_MONOTONIC, &deadline)
    // An hour is as good as for ever, and cannot overflow.
    let (seconds, attoseconds) = min(left, .seconds(3600)).components
    let nanoseconds = deadline.tv_nsec + Int(attoseconds / 1_000_000_000)
    deadline.tv_sec += Int(seconds) + nanoseconds / 1_000_000_000
    deadline.tv_nsec = nanoseconds % 1_000_000_000
    pthread_cond_timedwait(condition, lock, &deadline)
  }
}

/// What a waiter found.
package enum Waiting<Result> {
  case done(Result)
  /// Look again when notified, or at this moment at the latest.
  case until(ContinuousClock.Instant)
}
