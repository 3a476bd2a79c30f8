import Synchronization

/// Counts requests by client with one number each (the generic cell rate algorithm): when the client's requests so far would
/// be forgotten. Times are nanoseconds of a monotonic clock.
package struct RateLimiter {
  package struct Decision: Equatable {
    package let isAllowed: Bool
    /// Requests that may follow at once.
    package let remaining: Int
    /// Until all have come back, in seconds, rounded up.
    package let resetSeconds: Int64
    /// Until the next request is allowed, in seconds, rounded up; 0 if it is now.
    package let retryAfterSeconds: Int64

    /// The value of `RateLimit`.
    package var header: String { "\"default\";r=\(remaining);t=\(resetSeconds)" }
  }

  package static let mostClients = 100_000

  private let policy: RateLimitPolicy
  private let mostClients: Int
  private var forgottenAt: [ClientKey: Int64] = [:]
  private var nextPruning: Int64 = 0

  package init(_ policy: RateLimitPolicy, mostClients: Int = Self.mostClients) {
    self.policy = policy
    self.mostClients = mostClients
  }

  package var clients: Int { forgottenAt.count }

  package mutating func take(_ client: ClientKey, _ now: Int64) -> Decision {
    var key = client
    if forgottenAt.count >= mostClients, forgottenAt[client] == nil {
      prune(now)
      if forgottenAt.count >= mostClients { key = .others }
    }
    let (interval, window) = (policy.intervalNs, policy.windowNs)
    let before = max(forgottenAt[key] ?? now, now)
    let after = before + interval
    guard after - now <= window else {
      return Decision(
        isAllowed: false, remaining: 0, resetSeconds: Self.seconds(before - now),
        retryAfterSeconds: max(1, Self.seconds(after - now - window)))
    }
    forgottenAt[key] = after
    return Decision(
      isAllowed: true, remaining: Int((window - (after - now)) / interval), resetSeconds: Self.seconds(after - now),
      retryAfterSeconds: 0)
  }

  /// Forgets those of whom nothing is left to know; at most once a second, since it looks at all.
  private mutating func prune(_ now: Int64) {
    guard now >= nextPruning else { return }
    nextPruning = now + 1_000_000_000
    forgottenAt = forgottenAt.filter { $0.value > now }
  }

  private static func seconds(_ ns: Int64) -> Int64 { (ns + 999_999_999) / 1_000_000_000 }
}
