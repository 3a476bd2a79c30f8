import Foundation
import Postgres
import RealServers
import Testing

/// The real process: migrates, serves, and ends when it is told to.
@Suite(.serialized) struct TeachingProcessTests {
  @Test(.timeLimit(.minutes(3))) func theProcessServesAndStops() async throws {
    let url = try #require(
      ProcessInfo.processInfo.environment["TEACHING_DATABASE_URL"], "TEACHING_DATABASE_URL is not set; run `make test`")
    let database = try PostgresDatabase(PostgresConfiguration(url: url))
    let own = url.replacing(/\/[^\/]*$/, with: "/\(database.configuration.database)")
    let environment = [
      "TEACHING_DATABASE_URL": own, "DRAIN_SECONDS": "0", "LOG_FORMAT": "json",
      "POSTGRES_MIGRATIONS": Kartoteka.root.appending(path: "postgres").path,
    ]
    #expect(try Kartoteka.run(["teaching", "migrate", "status"], environment: environment).status == 2)
    let platform = try await RunningPlatform([.teaching], environment)
    defer { platform.end() }
    #expect(try Kartoteka.run(["teaching", "migrate", "status"], environment: environment).status == 0)
    let metrics = try await platform.ask(.teaching, "GET", "/metrics")
    #expect(metrics.text.contains("\nteaching_http_requests_total{"))
    let process = try platform.process(.teaching)
    process.signal(SIGTERM)
    #expect(process.wait(seconds: 40) == 0, "\(process.errors)")
  }

  @Test func defaultSecretsAreRefusedElsewhere() throws {
    let ended = try Kartoteka.run(["teaching"], environment: ["KARTOTEKA_ENV": "production", "TEACHING_PORT": "0"])
    #expect(ended.status != 0 && ended.errors.contains("GATEWAY_SECRET"), "\(ended.errors)")
  }
}
