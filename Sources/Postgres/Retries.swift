import Blocking

/// How often what the server refused for meeting another transaction is run again.
struct Retries {
  private static let most = 3
  private static let policy = RetryPolicy(first: .milliseconds(4), longest: .milliseconds(50))
  private var done = 0

  /// Waits before the next attempt.
  /// - Parameter isStale: the session's plans were older than the tables; the next attempt has another session.
  /// - Returns: false if there shall be none: the error is another, or there is no time or attempt left.
  mutating func again(
    after error: PostgresError, isStale: Bool, until deadline: ContinuousClock.Instant,
    _ cancellation: CancellationFlag?
  ) -> Bool {
    guard case .server(let refusal) = error, refusal.isConflict || isStale, done < Self.most else { return false }
    done += 1
    let delay = Self.policy.delay(afterFailures: done)
    guard ContinuousClock.now + delay < deadline, cancellation?.isRaised != true else { return false }
    BlockingThread.sleep(delay)
    return true
  }
}
