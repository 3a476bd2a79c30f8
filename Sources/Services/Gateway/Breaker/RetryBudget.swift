/// Keeps retries from multiplying the load on an upstream in trouble: at most a fifth of the requests under way may be further
/// tries, but always three.
package struct RetryBudget {
  package static let least = 3

  package private(set) var active = 0
  package private(set) var retrying = 0

  package init() {}

  package mutating func began() { active += 1 }

  package mutating func ended() { active -= 1 }

  /// True if one more retry may begin; it ends by ``retryEnded()``.
  package mutating func takeRetry() -> Bool {
    guard retrying < max(Self.least, active / 5) else { return false }
    retrying += 1
    return true
  }

  package mutating func retryEnded() { retrying -= 1 }
}
