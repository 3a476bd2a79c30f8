import ArgumentParser
import Foundation
import Postgres
import ServiceContract
import ServiceStore
import Settings
import Telemetry
import Users

struct UsersServe: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "serve",
    abstract: "Serve the users' API.",
    discussion: """
      The API is below http://HOST:PORT/api; /api/docs shows it in a browser, /api/openapi.json is the same for programs.
      /health/live, /health/ready and /metrics are on the same port. Beside it events go from the database to Kafka, and \
      those whose grace is over are erased. SIGTERM and SIGINT end the service after it has drained.

      Every setting is an environment variable; a flag goes before it.
      \(SettingsPage.text(readBy: .users))

      Exit status: 0 after a stop signal, 1 when the service cannot start, 64 for a wrong flag.
      """)

  @Option(help: .setting(\.services.usersHost, valueName: "address"))
  var host: String?

  @Option(help: .setting(\.services.usersPort, valueName: "port"))
  var port: String?

  func run() async throws {
    let settings = Settings().overriding(\.services.usersHost, with: host).overriding(\.services.usersPort, with: port)
    try LogOutput.bootstrap(settings)
    let secrets = try TrustSecrets(settings)
    let deadline = try settings.requestDeadline()
    let clock = settings.requestClock(secrets)
    let database = try settings.postgres(\.databases.users, as: "users")
    let role = try ServiceRole(
      "users", host: try settings[\.services.usersHost], port: try settings[\.services.usersPort],
      longestRequest: deadline.longest, settings: settings)
    let pool = PostgresPool(database, connections: try settings[\.services.postgresConnections])
    // However much is being asked, /health/ready is answered.
    let probe = PostgresPool(database, connections: 1)
    let signal = OutboxSignal()
    let store = UserStore(pool: pool, outbox: OutboxWriter(), signal: signal)
    let hasher = PasswordHasher()
    let auth = ServiceClient(try settings[\.services.authURL], as: "users", secrets)
    let decks = ServiceClient(try settings[\.services.decksURL], as: "users", secrets, connections: 2)
    let teaching = ServiceClient(try settings[\.services.teachingURL], as: "users", secrets, connections: 2)
    defer {
      hasher.close()
      auth.close()
      decks.close()
      teaching.close()
    }
    let service = UsersService(
      store: store, hasher: hasher, policy: PasswordPolicy(blocklist: try settings.passwordBlocklist()),
      sessions: AuthSessions(auth), export: PersonalExport(decks: decks, teaching: teaching), metrics: role.metrics)
    role.watch([
      "postgres": { pool.load }, "auth": { auth.load }, "decks": { decks.load }, "teaching": { teaching.load },
    ])
    let relay = OutboxRelay(database, try settings.kafka(), signal: signal, metrics: role.metrics, log: role.log)
    let sweeper = ErasureSweeper(
      store: store, grace: try settings[\.users.erasureGrace], metrics: role.metrics, log: role.log)
    let checks = [role.drain.check, DatabaseCheck.check(probe)]
    try await role.run(
      { service.router(secrets: secrets, deadline: deadline, clock: clock, checks: checks) },
      beside: [relay, sweeper])
    await store.close()
    await probe.close()
  }
}

extension Settings {
  /// The program's list, and that of `PASSWORD_BLOCKLIST`.
  func passwordBlocklist() throws -> PasswordBlocklist {
    guard let path = try self[\.users.passwordBlocklist] else { return PasswordBlocklist() }
    guard let file = FileManager.default.contents(atPath: path) else {
      throw SettingError("PASSWORD_BLOCKLIST", "names a file that cannot be read: \(path)")
    }
    do {
      return try PasswordBlocklist(adding: Array(file))
    } catch { throw SettingError("PASSWORD_BLOCKLIST", "cannot be used: \(error)") }
  }
}
