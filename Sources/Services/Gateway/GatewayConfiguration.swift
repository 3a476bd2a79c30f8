import Settings

/// What the gateway is told: where the services are, whom to believe, how much and how long.
package struct GatewayConfiguration: Sendable {
  package var upstreams: [UpstreamName: UpstreamAddress]
  package var secret: Secret
  package var proxies: TrustedProxies
  package var cors: CORSPolicy
  /// Nil: none.
  package var rateLimit: RateLimitPolicy?
  package var times = GatewayTimes()
  /// To one service, of all event loops.
  package var upstreamConnections = 256

  package init(
    upstreams: [UpstreamName: UpstreamAddress], secret: Secret, proxies: TrustedProxies, cors: CORSPolicy,
    rateLimit: RateLimitPolicy? = nil
  ) {
    self.upstreams = upstreams
    self.secret = secret
    self.proxies = proxies
    self.cors = cors
    self.rateLimit = rateLimit
  }
}
