import Telemetry

/// What the service counts, under the names that its predecessor had where it had them.
struct AuthMetrics: Sendable {
  let registered: Counter
  let loginsSucceeded: Counter
  let loginsFailed: Counter
  let loginsLimited: Counter
  let refreshed: Counter
  let repeated: Counter
  let refused: Counter
  let reused: Counter

  init(_ metrics: MetricsRegistry, issuer: TokenIssuer, clock: @escaping @Sendable () -> Int64) {
    metrics.gauges("auth_signing_key_age_seconds", help: "How long the key that signs has done so.") {
      issuer.signingAge(at: clock()).map { [.init(Double($0))] } ?? []
    }
    registered = metrics.counter("auth_users_registered_total", help: "People who registered.")
    loginsSucceeded = metrics.counter("auth_logins_success_total", help: "Logins that succeeded.")
    loginsFailed = metrics.counter("auth_logins_failed_total", help: "Logins with a wrong address or password.")
    loginsLimited = metrics.counter("auth_logins_limited_total", help: "Logins refused since too many had failed.")
    func refresh(_ outcome: String) -> Counter {
      metrics.counter(
        "auth_refreshes_total", help: "Refresh tokens shown, by what became of them.", labels: ["outcome": outcome])
    }
    refreshed = refresh("new")
    repeated = refresh("repeated")
    refused = refresh("refused")
    reused = refresh("reused")
  }
}
