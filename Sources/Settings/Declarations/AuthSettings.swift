package struct AuthSettings: SettingGroup {
  package static let title = "The auth service"

  package let keysFile = Setting(
    "AUTH_KEYS_FILE", .text, default: ".platform/auth-keys.pem", by: [.auth],
    "The private keys that sign tokens, each with its time; made and changed by `kartoteka auth keys`. On the local "
      + "platform made at the first start.")
  package let cookiePath = Setting(
    "AUTH_COOKIE_PATH", .text, default: "/auth", by: [.auth],
    "Below which path a browser sends the refresh token: where the auth service is behind the gateway.")
  package let cookieSecure = Setting(
    "AUTH_COOKIE_SECURE", .flag, default: "false", by: [.auth],
    "Whether a browser sends the refresh token over HTTPS only; true wherever HTTPS is spoken.")
  package let failuresPerAccount = Setting(
    "AUTH_FAILURES_PER_ACCOUNT", .integer(in: 1...100_000), default: "10", by: [.auth],
    "How many logins to one account may fail within the window; then 429.")
  package let failuresPerAddress = Setting(
    "AUTH_FAILURES_PER_ADDRESS", .integer(in: 1...1_000_000), default: "100", by: [.auth],
    "How many logins from one address (of IPv6, one /64) may fail within the window; then 429.")
  package let failureWindow = Setting(
    "AUTH_FAILURE_WINDOW", .duration(in: .seconds(1) ... .seconds(86_400)), default: "15m", by: [.auth],
    "How long failed logins count, from the first of them.")
  package let redisConnections = Setting(
    "AUTH_REDIS_CONNECTIONS", .integer(in: 1...256), default: "4", by: [.auth], "Connections to Redis.")
}
