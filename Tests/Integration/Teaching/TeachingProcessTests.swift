import Foundation
import Kafka
import Postgres
import RealServers
import Testing

/// The real process: migrates, serves, sends its events, follows erasures, and ends when it is told to.
@Suite(.serialized) struct TeachingProcessTests {
  /// A number that no other test's person has.
  private static let person = Int64(9_000_000_001)
  private static let headers = [
    "X-Gateway-Auth": "local-gateway-secret", "X-User-Id": "\(person)", "X-User-Ismanager": "0",
  ]

  @Test(.timeLimit(.minutes(3))) func theProcessServesAndStops() async throws {
    let url = try #require(
      ProcessInfo.processInfo.environment["TEACHING_DATABASE_URL"], "TEACHING_DATABASE_URL is not set; run `make test`")
    let database = try PostgresDatabase(PostgresConfiguration(url: url))
    let environment = [
      "TEACHING_DATABASE_URL": url.replacing(/\/[^\/]*$/, with: "/\(database.configuration.database)"),
      "DRAIN_SECONDS": "0", "LOG_FORMAT": "json",
      "POSTGRES_MIGRATIONS": Kartoteka.root.appending(path: "postgres").path,
    ]
    #expect(try Kartoteka.run(["teaching", "migrate", "status"], environment: environment).status == 2)
    let platform = try await RunningPlatform([.teaching], environment)
    defer { platform.end() }
    #expect(try Kartoteka.run(["teaching", "migrate", "status"], environment: environment).status == 0)
    let made = try await platform.ask(
      .teaching, "POST", "/api/courses/", #"{"title": "T", "description": "my words"}"#, headers: Self.headers)
    #expect(made.status == 201, "\(made.text)")
    let metrics = try await platform.ask(.teaching, "GET", "/metrics").text
    #expect(metrics.contains("\nteaching_courses_created_total 1\n"))
    #expect(metrics.contains("\nteaching_http_requests_total{"))
    // The relay has taken the event.
    #expect(try eventually(within: 20) { try database.admin.number("SELECT count(*) FROM outbox") == 0 })
    #expect(try database.admin.number("SELECT count(*) FROM outbox_parked") == 0)
    try Self.erase()
    let left = "SELECT count(*) FROM courses WHERE description <> ''"
    #expect(try eventually(within: 40) { try database.admin.number(left) == 0 })
    let process = try platform.process(.teaching)
    process.signal(SIGTERM)
    #expect(process.wait(seconds: 40) == 0, "\(process.errors)")
  }

  private static func erase() throws {
    let brokers = try #require(
      ProcessInfo.processInfo.environment["KAFKA_BROKERS"], "KAFKA_BROKERS is not set; run `make test`")
    let producer = try KafkaProducer(KafkaConfiguration(brokers: brokers))
    let event = """
      {"event_id":"\(UUID().uuidString)","event_type":"user_erased","occured_at":"2026-11-01T00:00:00Z",\
      "producer":"users-service","payload":{"user_id":\(person),"erased_at":"2026-11-01T00:00:00Z"}}
      """
    try Array("\(person)".utf8).withUnsafeBytes { key in
      try Array(event.utf8).withUnsafeBytes { value in
        try producer.send(topic: "user.events", key: key, value: value, token: 0)
      }
    }
    #expect(producer.flush(timeoutMs: 10_000) == 0)
  }

  @Test func defaultSecretsAreRefusedElsewhere() throws {
    let ended = try Kartoteka.run(["teaching"], environment: ["KARTOTEKA_ENV": "production", "TEACHING_PORT": "0"])
    #expect(ended.status != 0 && ended.errors.contains("GATEWAY_SECRET"), "\(ended.errors)")
  }
}
