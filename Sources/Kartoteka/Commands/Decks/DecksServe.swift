import ArgumentParser
import Decks
import Postgres
import ServiceContract
import ServiceStore
import Settings
import Telemetry

struct DecksServe: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "serve",
    abstract: "Serve the decks' API.",
    discussion: """
      The API is below http://HOST:PORT/api; /api/docs shows it in a browser, /api/openapi.json is the same for programs.
      /health/live, /health/ready and /metrics are on the same port. Beside it events go from the database to Kafka, images \
      that no card has any more are deleted, and what erased people leave is erased (it follows user.events). SIGTERM and \
      SIGINT end the service after it has drained.

      Every setting is an environment variable; a flag goes before it.
      \(SettingsPage.text(readBy: .decks))

      Exit status: 0 after a stop signal, 1 when the service cannot start, 64 for a wrong flag.
      """)

  @Option(help: .setting(\.services.decksHost, valueName: "address"))
  var host: String?

  @Option(help: .setting(\.services.decksPort, valueName: "port"))
  var port: String?

  func run() async throws {
    let settings = Settings().overriding(\.services.decksHost, with: host).overriding(\.services.decksPort, with: port)
    try LogOutput.bootstrap(settings)
    let secrets = try TrustSecrets(settings)
    let deadline = try settings.requestDeadline()
    let clock = settings.requestClock(secrets)
    let (database, kafka) = (try settings.postgres(\.databases.decks, as: "decks"), try settings.kafka())
    let role = try ServiceRole(
      "decks", host: try settings[\.services.decksHost], port: try settings[\.services.decksPort],
      longestRequest: deadline.longest, settings: settings)
    let pool = PostgresPool(database, connections: try settings[\.services.postgresConnections])
    // However much is being asked, /health/ready is answered.
    let probe = PostgresPool(database, connections: 1)
    let images = try settings.cardImages()
    defer { images.close() }
    let signal = OutboxSignal()
    let service = DecksService(
      .init(database: pool, images: images, signal: signal, metrics: role.metrics, log: role.log))
    role.watch(["postgres": { pool.load }, "s3": { images.load }])
    let relay = OutboxRelay(database, kafka, signal: signal, metrics: role.metrics, log: role.log)
    let checks = [role.drain.check, DatabaseCheck.check(probe)]
    try await role.run(
      { service.router(secrets: secrets, deadline: deadline, clock: clock, checks: checks) },
      beside: [relay] + service.companions(kafka: kafka, database: database))
    await pool.close()
    await probe.close()
  }
}
