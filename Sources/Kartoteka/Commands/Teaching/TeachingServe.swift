import ArgumentParser
import Postgres
import ServiceContract
import ServiceStore
import Settings
import Teaching
import Telemetry

struct TeachingServe: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "serve",
    abstract: "Serve the API of courses.",
    discussion: """
      The API is below http://HOST:PORT/api; /api/docs shows it in a browser, /api/openapi.json is the same for programs.
      /health/live, /health/ready and /metrics are on the same port. Beside it events go from the database to Kafka, and \
      what erased people leave is erased (it follows user.events). SIGTERM and SIGINT end the service after it has drained.

      Every setting is an environment variable; a flag goes before it.
      \(SettingsPage.text(readBy: .teaching))

      Exit status: 0 after a stop signal, 1 when the service cannot start, 64 for a wrong flag.
      """)

  @Option(help: .setting(\.services.teachingHost, valueName: "address"))
  var host: String?

  @Option(help: .setting(\.services.teachingPort, valueName: "port"))
  var port: String?

  func run() async throws {
    let settings = Settings().overriding(\.services.teachingHost, with: host)
      .overriding(\.services.teachingPort, with: port)
    try LogOutput.bootstrap(settings)
    let secrets = try TrustSecrets(settings)
    let deadline = try settings.requestDeadline()
    let clock = settings.requestClock(secrets)
    let (database, kafka) = (try settings.postgres(\.databases.teaching, as: "teaching"), try settings.kafka())
    let role = try ServiceRole(
      "teaching", host: try settings[\.services.teachingHost], port: try settings[\.services.teachingPort],
      longestRequest: deadline.longest, settings: settings)
    let pool = PostgresPool(database, connections: try settings[\.services.postgresConnections])
    // However much is being asked, /health/ready is answered.
    let probe = PostgresPool(database, connections: 1)
    let decks = ServiceClient(try settings[\.services.decksURL], as: "teaching", secrets)
    let users = ServiceClient(try settings[\.services.usersURL], as: "teaching", secrets)
    defer {
      decks.close()
      users.close()
    }
    let signal = OutboxSignal()
    let service = TeachingService(
      .init(database: pool, decks: decks, users: users, signal: signal, metrics: role.metrics, log: role.log))
    role.watch(["postgres": { pool.load }, "decks": { decks.load }, "users": { users.load }])
    let relay = OutboxRelay(database, kafka, signal: signal, metrics: role.metrics, log: role.log)
    let checks = [role.drain.check, DatabaseCheck.check(probe)]
    try await role.run(
      { service.router(secrets: secrets, deadline: deadline, clock: clock, checks: checks) },
      beside: [relay] + service.companions(kafka: kafka, database: database))
    await pool.close()
    await probe.close()
  }
}
