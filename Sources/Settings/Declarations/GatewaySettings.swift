package struct GatewaySettings: SettingGroup {
  package static let title = "Gateway"
  private static let by: [SettingReader] = [.gateway]

  package let trustedProxies = Setting(
    "TRUSTED_PROXIES", .list, default: "", by: by,
    "Addresses and networks (10.0.0.0/8) of proxies in front of the gateway; their X-Forwarded-For, -Proto and -Host are believed."
  )
  package let corsOrigins = Setting(
    "GATEWAY_CORS_ORIGINS", .list, default: "", by: by,
    "Web pages that may ask from a browser, with cookies: exact origins, as https://cards.example.")
  package let rateLimit = Setting(
    "GATEWAY_RATE_LIMIT", .integer(in: 0...1_000_000), default: "1200", by: by,
    "Requests that a person, or an address that nobody is logged in at, may send in a window; 0: no limit.")
  package let rateWindow = Setting(
    "GATEWAY_RATE_WINDOW", .duration(in: .seconds(1) ... .seconds(3600)), default: "60s", by: by,
    "The window of that limit; whole seconds count.")
  package let deadline = Setting(
    "GATEWAY_DEADLINE", .duration(in: .milliseconds(100) ... .seconds(600)), default: "30s", by: by,
    "From a request's arrival to the head of its answer, all tries together; the services are told.")
  package let tryTimeout = Setting(
    "GATEWAY_TRY_TIMEOUT", .duration(in: .milliseconds(100) ... .seconds(600)), default: "25s", by: by,
    "For the head of one try's answer.")
  package let connectTimeout = Setting(
    "GATEWAY_CONNECT_TIMEOUT", .duration(in: .milliseconds(10) ... .seconds(60)), default: "2s", by: by,
    "For a connection to a service.")
  package let bodyIdle = Setting(
    "GATEWAY_BODY_IDLE", .duration(in: .milliseconds(100) ... .seconds(3600)), default: "60s", by: by,
    "Between two pieces of an answer; five times that between two of an event stream.")
  package let connections = Setting(
    "GATEWAY_UPSTREAM_CONNECTIONS", .integer(in: 1...10_000), default: "256", by: by,
    "The most connections to one service; they are shared out among the processor's cores.")
}
