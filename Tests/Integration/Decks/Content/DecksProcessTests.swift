import Foundation
import Postgres
import RealServers
import Testing

/// The real process: migrates, serves, and ends when it is told to.
@Suite(.serialized) struct DecksProcessTests {
  private static let person = ["X-Gateway-Auth": "local-gateway-secret", "X-User-Id": "1", "X-User-Ismanager": "0"]

  @Test(.timeLimit(.minutes(3))) func theProcessServesAndStops() async throws {
    let url = try #require(
      ProcessInfo.processInfo.environment["DECKS_DATABASE_URL"], "DECKS_DATABASE_URL is not set; run `make test`")
    let database = try PostgresDatabase(PostgresConfiguration(url: url))
    let own = url.replacing(/\/[^\/]*$/, with: "/\(database.configuration.database)")
    let environment = [
      "DECKS_DATABASE_URL": own, "DECKS_PORT": "0", "DRAIN_SECONDS": "0", "LOG_FORMAT": "json",
      "POSTGRES_MIGRATIONS": Kartoteka.root.appending(path: "postgres").path,
    ]
    #expect(try Kartoteka.run(["decks", "migrate", "status"], environment: environment).status == 2)
    let migrated = try Kartoteka.run(["decks", "migrate"], environment: environment)
    #expect(migrated.status == 0, "\(migrated.errors)")

    let process = try Kartoteka(["decks"], environment: environment)
    #expect(eventually(within: 30) { process.errors.contains("\"listening\"") }, "\(process.errors)")
    let base = try #require(process.errors.firstMatch(of: #/"url":"(http:[^"]+)"/#)?.1).replacing("\\/", with: "/")
    func get(_ path: String) async throws -> (Int, String) {
      let answer = try await PlainRequest.send("GET", base + path, headers: Self.person)
      return (answer.status, String(decoding: answer.body, as: UTF8.self))
    }
    let (ready, why) = try await get("health/ready")
    #expect(ready == 200, "\(why)")
    let made = try await PlainRequest.send(
      "POST", base + "api/decks", headers: Self.person.merging(["Content-Type": "application/json"]) { $1 },
      body: Array(#"{"title": "T"}"#.utf8))
    #expect(made.status == 201)
    #expect(try await get("api/decks/1").0 == 200)
    let (_, metrics) = try await get("metrics")
    #expect(metrics.contains("\ndecks_created_total 1\n") && metrics.contains("\ndecks_http_requests_total{"))
    // The relay has taken the event.
    #expect(try eventually(within: 20) { try database.admin.number("SELECT count(*) FROM outbox") == 0 })
    #expect(try database.admin.number("SELECT count(*) FROM outbox_parked") == 0)
    process.signal(SIGTERM)
    #expect(process.wait(seconds: 40) == 0, "\(process.errors)")
  }

  @Test func defaultSecretsAreRefusedElsewhere() throws {
    let ended = try Kartoteka.run(["decks"], environment: ["KARTOTEKA_ENV": "production", "DECKS_PORT": "0"])
    #expect(ended.status != 0 && ended.errors.contains("GATEWAY_SECRET"), "\(ended.errors)")
  }
}
