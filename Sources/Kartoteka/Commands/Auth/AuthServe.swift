import ArgumentParser
import Auth
import Redis
import ServiceContract
import Settings
import Telemetry

struct AuthServe: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "serve",
    abstract: "Registers people, logs them in and out, and signs the tokens that the gateway checks.",
    discussion: """
      The API is below /api, /api/docs shows it in a browser; the public keys are at /.well-known/jwks.json, for the \
      gateway. /health/live, /health/ready and /metrics are on the same port. Who is logged in is in Redis; people and \
      passwords are the users service's.
      SIGTERM and SIGINT end the service after it has drained and answered what it has begun.

      Every setting is an environment variable; a flag goes before it.
      \(SettingsPage.text(readBy: .auth))

      Exit status: 0 after a stop signal, 1 when the service cannot start, 64 for a wrong flag.
      """)

  @Option(help: .setting(\.services.authHost, valueName: "address"))
  var host: String?

  @Option(help: .setting(\.services.authPort, valueName: "port"))
  var port: String?

  func run() async throws {
    let settings = Settings().overriding(\.services.authHost, with: host).overriding(\.services.authPort, with: port)
    try LogOutput.bootstrap(settings)
    let secrets = try TrustSecrets(settings)
    let deadline = try settings.requestDeadline()
    let role = try ServiceRole(
      "auth", host: try settings[\.services.authHost], port: try settings[\.services.authPort],
      longestRequest: deadline.longest, settings: settings)
    let file = KeyFile(path: try settings[\.auth.keysFile])
    let issuer = TokenIssuer(try Self.keys(file, isLocal: settings.isLocal))
    if file.isOpenToOthers {
      role.log.warning("others than its owner may read the file of keys", metadata: ["file": "\(file.path)"])
    }
    let redis = RedisClient(try settings.redis(), connections: try settings[\.auth.redisConnections])
    let users = ServiceClient(try settings[\.services.usersURL], as: "auth", secrets)
    defer {
      redis.close()
      users.close()
    }
    let service = AuthService(
      try Self.configuration(settings), issuer: issuer, redis: redis, users: users, metrics: role.metrics)
    role.watch(["redis": { redis.load }, "users": { users.load }])
    let clock = settings.requestClock(secrets)
    try await role.run(
      { [checks = [role.drain.check, service.check], metrics = role.metrics] in
        service.router { api in
          ServiceRouter(
            api, service: "auth", secrets: secrets, deadline: deadline, clock: clock, checks: checks, metrics: metrics,
            translate: AuthService.translate)
        }
      }, beside: [KeyReload(file, issuer, metrics: role.metrics, log: role.log)])
  }

  /// On the local platform the first start makes them.
  private static func keys(_ file: KeyFile, isLocal: Bool) throws -> KeyRing {
    do {
      return try file.read()
    } catch KeyFile.Problem.missing where isLocal {
      // Another instance may be first.
      do { try file.create(try AuthKeys.first()) } catch KeyFile.Problem.exists {}
      return try file.read()
    }
  }

  private static func configuration(_ settings: Settings) throws -> AuthService.Configuration {
    let path = try settings[\.auth.cookiePath]
    guard path.wholeMatch(of: /\/[A-Za-z0-9\/._~-]*/) != nil else {
      throw SettingError("AUTH_COOKIE_PATH", "must be a path such as /auth")
    }
    return AuthService.Configuration(
      cookie: RefreshCookie(path: path, isSecure: try settings[\.auth.cookieSecure]),
      failuresPerAccount: try settings[\.auth.failuresPerAccount],
      failuresPerAddress: try settings[\.auth.failuresPerAddress], failureWindow: try settings[\.auth.failureWindow])
  }
}
