import Foundation
import Glibc
import JSON
import Postgres
import RealServers
import Testing

/// The program itself.
@Suite struct UsersProcessTests {
  private static let nowhere = ["KAFKA_BROKERS": "127.0.0.1:1"]

  @Test func migratesServesAndStops() async throws {
    let database = try PostgresDatabase()
    let url = try database.url()
    let migrated = try Kartoteka.run(["users", "migrate"], environment: ["USERS_DATABASE_URL": url])
    #expect(migrated.status == 0, "\(migrated.errors)")
    #expect(try Kartoteka.run(["users", "migrate", "status"], environment: ["USERS_DATABASE_URL": url]).status == 0)
    let users = try UsersProcess(database: url, environment: Self.nowhere)
    #expect(try await users.ask("GET", "/health/ready", as: .nobody).status == 200)
    let made = try await users.ask(
      "POST", "/api/users/",
      #"{"name": "Anna", "surname": "Petrova", "email": "anna@example.org", "password": "correct horse"}"#,
      as: .service)
    #expect(made.status == 201, "\(made.text)")
    for path in ["/api/users/email/anna@example.org", "/api/users/email/anna%40example.org/"] {
      #expect(try await users.ask("GET", path, as: .service).status == 200)
    }
    #expect(try await users.ask("GET", "/api/nowhere/anna@example.org", as: .service).status == 404)
    // Auth is not there: nothing can be changed that must end sessions.
    #expect(try await users.ask("DELETE", "/api/users/1", as: .learner(1)).status == 503)
    let metrics = try await users.ask("GET", "/metrics", as: .nobody).text
    #expect(metrics.contains("users_registered_total 1\n"))
    #expect(metrics.contains(#"users_http_requests_total{method="POST",route="/api/users"#))
    users.program.signal(SIGTERM)
    #expect(users.program.wait(seconds: 30) == 0, "\(users.program.errors)")
    let log = users.program.errors
    #expect(log.contains("/api/users/email/•••") && !log.contains("anna") && !log.contains("correct horse"), "\(log)")
  }

  @Test func aFirstManagerIsMadeByHand() async throws {
    let database = try PostgresDatabase()
    let url = try database.url()
    try UsersBench.migrate(database.configuration)
    func add(_ email: String, _ input: String) throws -> Kartoteka.Ended {
      try Kartoteka.run(
        ["users", "add-manager", "--email", email, "--name", "Maria", "--surname", "Curie"],
        environment: ["USERS_DATABASE_URL": url], input: input)
    }
    let made = try add("Maria@Example.org", "correct horse battery\n")
    #expect(made.status == 0 && made.output.contains("manager 1 is registered"), "\(made)")
    #expect(!made.output.contains("horse") && !made.errors.contains("horse"))
    #expect(try database.admin.text("SELECT email FROM users WHERE is_manager") == "maria@example.org")
    #expect(try WaitingEvent.all(database.admin).map(\.type) == ["user_registered"])
    for (email, input, reason) in [
      ("maria@example.org", "correct horse battery\n", "registered"), ("x@example.org", "short\n", "at least 8"),
      ("x@example.org", "maria curie 1\n", "name"), ("nobody", "correct horse battery\n", "--email"),
      ("x@example.org", "", "at least 8"),
    ] {
      let refused = try add(email, input)
      #expect(refused.status != 0 && refused.errors.contains(reason), "\(email) \(refused)")
    }
    #expect(try database.admin.number("SELECT count(*) FROM users") == 1)
    let bench = try UsersBench(database.configuration)
    #expect(try await bench.verify("maria@example.org").json?["is_manager"] == .bool(true))
    await bench.store.close()
  }

  /// Killed again and again while it erases: each is erased, and told of, once.
  @Test func aPurgeThatIsKilledTellsOfEachOnce() async throws {
    let database = try PostgresDatabase()
    try UsersBench.migrate(database.configuration)
    // A batch of a hundred takes some 0.2 s, so that kills fall into it.
    try database.admin.sql(
      """
      INSERT INTO users (name, surname, email, password_hash, created_at, updated_at, deleted_at)
      SELECT 'Anna', 'Petrova', 'p' || n || '@example.org', 'x', to_timestamp(0), to_timestamp(0), to_timestamp(n)
      FROM generate_series(1, 1000) n
      """,
      """
      CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS
      'BEGIN PERFORM pg_sleep(0.002); RETURN NEW; END'
      """, "CREATE TRIGGER slow BEFORE UPDATE ON users FOR EACH ROW EXECUTE FUNCTION slow()")
    let environment = Self.nowhere.merging(["USERS_ERASURE_GRACE": "0s"]) { $1 }
    var seen: [Int] = []
    for delay in [30, 150, 260, 390, 90] {
      let users = try UsersProcess(database: try database.url(), environment: environment)
      try await Task.sleep(for: .milliseconds(delay))
      users.program.signal(SIGKILL)
      users.program.wait()
      seen.append(try database.admin.number("SELECT count(*) FROM users WHERE erased_at IS NOT NULL"))
      // Whatever the moment: one event for each who is erased.
      #expect(
        try database.admin.number(
          """
          SELECT count(*) FROM outbox o FULL JOIN (SELECT id FROM users WHERE erased_at IS NOT NULL) u
            ON o.key = u.id::text WHERE o.key IS NULL OR u.id IS NULL
          """) == 0)
    }
    #expect(try #require(seen.last) < 1000, "the kills came too late: \(seen)")
    let users = try UsersProcess(database: try database.url(), environment: environment)
    #expect(
      eventually(within: 30) {
        (try? database.admin.number("SELECT count(*) FROM users WHERE erased_at IS NULL")) == 0
      })
    users.program.signal(SIGTERM)
    #expect(users.program.wait(seconds: 30) == 0)
    let events = try WaitingEvent.all(database.admin)
    #expect(events.count == 1000 && Set(events.map(\.key)).count == 1000)
    #expect(Set(events.map(\.type)) == ["user_erased"])
  }
}
