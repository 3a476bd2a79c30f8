import ArgumentParser
import Gateway
import Settings
import Telemetry

struct GatewayCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "gateway",
    abstract: "Stands between the world and the services: checks who asks, and forwards.",
    discussion: """
      /{auth|users|decks|teaching|analytics}/PATH reaches /api/PATH of that service, with any method, streaming both ways. A \
      Bearer access token is checked (signature, expiry, revocation), and the service is told who asks; without one the caller is \
      anonymous. What the platform's own parts say to each other cannot be said from outside, and what is for them only is not there.

      /health/live, /health/ready and /metrics are the gateway's own. SIGTERM and SIGINT end it: it drains (DRAIN_SECONDS), answers \
      the requests it has begun, and cuts what has no end.

      Every setting is an environment variable; a flag goes before it.
      \(SettingsPage.text(readBy: .gateway))

      Exit status: 0 after a stop signal, 1 when the gateway cannot start, 64 for a wrong flag.
      """)

  @Option(help: .setting(\.services.gatewayHost, valueName: "address"))
  var host: String?

  @Option(help: .setting(\.services.gatewayPort, valueName: "port"))
  var port: String?

  @Option(help: .setting(\.gateway.rateLimit, valueName: "requests"))
  var rateLimit: String?

  func run() async throws {
    let settings = Settings().overriding(\.services.gatewayHost, with: host)
      .overriding(\.services.gatewayPort, with: port).overriding(\.gateway.rateLimit, with: rateLimit)
    try LogOutput.bootstrap(settings)
    let configuration = try settings.gatewayConfiguration()
    var role = try ServiceRole(
      "gateway", host: try settings[\.services.gatewayHost], port: try settings[\.services.gatewayPort],
      longestRequest: .seconds(20), settings: settings)
    // The gateway itself says why, and whose body is too slow; this is for what it does not see.
    role.limits.bodyTimeout = try settings[\.gateway.deadline] + .seconds(5)
    let service = try GatewayService(
      configuration, redis: try settings.redis(), drain: role.drain, metrics: role.metrics, logger: role.log)
    defer { service.close() }
    try await role.run(service.router, interceptor: service.interceptor)
  }
}
