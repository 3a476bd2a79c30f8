/// How long to wait before an attempt is repeated: exponential, bounded, with jitter.
package struct RetryPolicy: Sendable, Equatable {
  /// Before the second attempt.
  package let first: Duration
  /// However many attempts have failed.
  package let longest: Duration
  /// The part of a wait that is random, 0 to 1: at 0.5 a wait of 2 s lasts from 1 s to 2 s.
  package let jitter: Double

  package init(first: Duration, longest: Duration, jitter: Double = 0.5) {
    precondition(first > .zero && longest >= first && (0...1).contains(jitter), "a retry policy that waits")
    self.first = first
    self.longest = longest
    self.jitter = jitter
  }

  /// The longest wait after so many failed attempts, without its jitter.
  package func ceiling(afterFailures failures: Int) -> Duration {
    precondition(failures > 0, "there is nothing to wait for before a failure")
    // 2^40 times a nanosecond is eighteen minutes; a wait that long has met its bound.
    let doubled = first * Double(UInt64(1) << UInt64(min(failures - 1, 40)))
    return min(longest, doubled)
  }

  /// The wait after so many failed attempts.
  package func delay(
    afterFailures failures: Int, using random: inout some RandomNumberGenerator
  ) -> Duration {
    ceiling(afterFailures: failures) * (1 - jitter * Double.random(in: 0...1, using: &random))
  }

  package func delay(afterFailures failures: Int) -> Duration {
    var random = SystemRandomNumberGenerator()
    return delay(afterFailures: failures, using: &random)
  }
}
