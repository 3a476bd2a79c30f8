/// How much one client may ask: so many requests in any window, which come back one by one.
package struct RateLimitPolicy: Sendable, Equatable {
  package let requests: Int
  package let window: Duration

  package init(requests: Int, window: Duration) {
    precondition(requests > 0 && window >= .seconds(1), "a limit that lets something through")
    self.requests = requests
    self.window = window
  }

  /// Nanoseconds after which one request comes back.
  package var intervalNs: Int64 { max(1, windowNs / Int64(requests)) }
  package var windowNs: Int64 { Int64(window.components.seconds) * 1_000_000_000 }

  /// The value of `RateLimit-Policy` (draft-ietf-httpapi-ratelimit-headers-11).
  package var header: String { "\"default\";q=\(requests);w=\(window.components.seconds)" }
}
