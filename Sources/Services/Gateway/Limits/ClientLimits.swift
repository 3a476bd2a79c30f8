import Synchronization

/// The ``RateLimiter`` of the process.
final class ClientLimits: Sendable {
  /// The value of `RateLimit-Policy`.
  let policy: String
  private let limiter: Mutex<RateLimiter>

  init(_ policy: RateLimitPolicy) {
    self.policy = policy.header
    limiter = Mutex(RateLimiter(policy))
  }

  func take(_ client: ClientKey) -> RateLimiter.Decision {
    limiter.withLock { $0.take(client, SystemClocks.monotonicNs()) }
  }
}
