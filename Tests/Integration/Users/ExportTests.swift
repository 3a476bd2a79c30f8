import Foundation
import JSON
import Loopback
import Postgres
import RealServers
import Testing

/// `GET /api/users/me/export`
@Suite struct ExportTests {
  private static let learned = ScriptedServer.ok("{\"settings\":{},\"decks\":[{\"id\":5}]}\n")
  private static let taught = ScriptedServer.ok("{\"enrollments\":[{\"course\":3}]}\n")

  private static func refused(_ status: String, _ code: String) -> String {
    let body = "{\"error\":{\"code\":\"\(code)\",\"message\":\"m\"}}"
    return "HTTP/1.1 \(status)\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)"
  }

  @Test func oneDocumentOfThreeServices() async throws {
    let decks = ScriptedServer([.answer(Self.learned), .answer(Self.learned)])
    let teaching = ScriptedServer([.answer(Self.taught), .answer(Self.taught)])
    defer {
      decks.stop()
      teaching.stop()
    }
    try await UsersBench.run(decks: decks.url, teaching: teaching.url) { bench, _ in
      let id = try await bench.person("anna@example.org")
      _ = try await bench.person("boris@example.org")
      let answer = try await bench.ask("GET", "/api/users/me/export", as: .learner(id))
      #expect(answer.status == 200, "\(answer.text)")
      #expect(answer[header: "Content-Disposition"] == "attachment; filename=\"kartoteka-\(id).json\"")
      #expect(answer[header: "Cache-Control"] == "private, no-store")
      #expect(answer.json?["profile"]?["email"]?.string == "anna@example.org")
      #expect(answer.json?["profile"]?["created_at"]?.string?.hasPrefix("20") == true)
      #expect(answer.json?["learning"]?["decks"]?.elements?.first?["id"] == .number("5"))
      #expect(answer.json?["teaching"]?["enrollments"]?.elements?.first?["course"] == .number("3"))
      #expect(!answer.text.contains("boris") && !answer.text.contains("$argon2"))
      for server in [decks, teaching] {
        let asked = try #require(server.requests.first)
        #expect(asked.hasPrefix("POST /api/internal/export ") && asked.hasSuffix("{\"user_id\":\(id)}"), "\(asked)")
        #expect(asked.contains("X-Service-Auth: local-service-secret") && asked.contains("X-Service-Name: users"))
      }
      // Of oneself and nobody else, whatever is asked.
      #expect(try await bench.ask("GET", "/api/users/me/export", as: .nobody).status == 401)
      #expect(try await bench.ask("GET", "/api/users/me/export", as: .service).status == 401)
      #expect(try await bench.ask("GET", "/api/users/me/export?user_id=2", as: .manager(id)).status == 422)
      #expect(decks.requests.count == 1)
      // Again, once the first is over.
      #expect(try await bench.ask("GET", "/api/users/me/export", as: .learner(id)).status == 200)
      // Who is not known has none.
      #expect(try await bench.ask("GET", "/api/users/me/export", as: .learner(999)).code == "USER_NOT_FOUND")
    }
  }

  /// Never a part as if it were the whole.
  @Test(arguments: [
    ScriptedServer.Step.close, .reset,
    .answerAndClose("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"settings\":{}}"),
    .answer(ScriptedServer.ok("[]")), .answer(ScriptedServer.ok("")), .answer(refused("500 Oops", "INTERNAL")),
    .answer(refused("404 Not Found", "NOT_FOUND")),
  ])
  func aServiceThatIsAwayIsNamed(_ step: ScriptedServer.Step) async throws {
    for broken in ["decks", "teaching"] {
      let decks = ScriptedServer([broken == "decks" ? step : .answer(Self.learned)])
      let teaching = ScriptedServer([broken == "teaching" ? step : .answer(Self.taught)])
      try await UsersBench.run(decks: decks.url, teaching: teaching.url) { bench, _ in
        let id = try await bench.person("anna@example.org")
        let answer = try await bench.ask("GET", "/api/users/me/export", as: .learner(id))
        #expect(answer.status == 503 && answer.code == "EXPORT_INCOMPLETE", "\(answer.text)")
        #expect(answer.text.contains("The \(broken) service"), "\(answer.text)")
        #expect(answer[header: "Retry-After"] == "5")
      }
      decks.stop()
      teaching.stop()
    }
  }

  @Test func whatIsTooLongIsSaid() async throws {
    let decks = ScriptedServer([.answer(Self.refused("409 Conflict", "EXPORT_TOO_LARGE"))])
    let teaching = ScriptedServer([.answer(Self.taught)])
    defer {
      decks.stop()
      teaching.stop()
    }
    try await UsersBench.run(decks: decks.url, teaching: teaching.url) { bench, _ in
      let id = try await bench.person("anna@example.org")
      let answer = try await bench.ask("GET", "/api/users/me/export", as: .learner(id))
      #expect(answer.status == 409 && answer.code == "EXPORT_TOO_LARGE")
    }
  }

  /// One at a time for each, and two in all.
  @Test func exportsAreLimited() async throws {
    let decks = ScriptedServer([.hang, .hang])
    let teaching = ScriptedServer([.hang, .hang])
    try await UsersBench.run(decks: decks.url, teaching: teaching.url) { bench, _ in
      var people: [Int64] = []
      for name in ["anna", "boris", "clara"] { people.append(try await bench.person("\(name)@example.org")) }
      func export(_ person: Int64) -> Task<Int, any Error> {
        Task { try await bench.ask("GET", "/api/users/me/export", as: .learner(person)).status }
      }
      let first = export(people[0])
      while decks.requests.count < 1 { try await Task.sleep(for: .milliseconds(5)) }
      let again = try await bench.ask("GET", "/api/users/me/export", as: .learner(people[0]))
      #expect(again.status == 429 && again.code == "EXPORT_UNDER_WAY" && again[header: "Retry-After"] == "5")
      let second = export(people[1])
      while decks.requests.count < 2 { try await Task.sleep(for: .milliseconds(5)) }
      #expect(try await bench.ask("GET", "/api/users/me/export", as: .learner(people[2])).code == "EXPORTS_BUSY")
      first.cancel()
      second.cancel()
      _ = try? await first.value
      _ = try? await second.value
      // Who went away holds no place.
      #expect(try await bench.ask("GET", "/api/users/me/export", as: .learner(people[0])).code == "EXPORT_INCOMPLETE")
    }
    decks.stop()
    teaching.stop()
  }

  /// Users and decks as two processes, teaching as a server of a few lines.
  @Test func withTheRealDecks() async throws {
    let teaching = ScriptedServer([.answer(Self.taught)])
    defer { teaching.stop() }
    let database = try PostgresDatabase()
    try UsersBench.migrate(database.configuration)
    let url = try #require(
      ProcessInfo.processInfo.environment["DECKS_DATABASE_URL"], "DECKS_DATABASE_URL is not set; run `make test`")
    let decksDatabase = try PostgresDatabase(PostgresConfiguration(url: url))
    let environment = [
      "DECKS_DATABASE_URL": url.replacing(/\/[^\/]*$/, with: "/\(decksDatabase.configuration.database)"),
      "DRAIN_SECONDS": "0", "LOG_FORMAT": "json",
      "POSTGRES_MIGRATIONS": Kartoteka.root.appending(path: "postgres").path,
    ]
    let migrated = try Kartoteka.run(["decks", "migrate"], environment: environment)
    #expect(migrated.status == 0, "\(migrated.errors)")
    let program = try Kartoteka(["decks", "--port", "0"], environment: environment)
    #expect(eventually(within: 30) { program.errors.contains("\"listening\"") }, "\(program.errors)")
    let found = try #require(program.errors.firstMatch(of: #/"url":"(http:[^"]+)\/"/#)?.1)
    let decks = UsersProcess(program, url: String(found).replacing("\\/", with: "/"))
    let users = try UsersProcess(
      database: try database.url(),
      environment: ["KAFKA_BROKERS": "127.0.0.1:1", "DECKS_URL": decks.url, "TEACHING_URL": teaching.url])
    let person = try await users.ask(
      "POST", "/api/users/",
      #"{"name": "Anna", "surname": "Petrova", "email": "anna@example.org", "password": "\#(UsersBench.password)"}"#,
      as: .service)
    let digits = try #require(person.text.firstMatch(of: /"id":(\d+)/)?.1)
    let id = try #require(Int64(digits))
    let made = try await decks.ask("POST", "/api/decks/", #"{"title": "Мои"}"#, as: .learner(id))
    #expect(made.status == 201, "\(made.text)")
    let answer = try await users.ask("GET", "/api/users/me/export", as: .learner(id))
    #expect(answer.status == 200, "\(answer.text)")
    let json = try JSONParser.parse(Array(answer.text.utf8))
    #expect(json["learning"]?["decks"]?.elements?.first?["title"]?.string == "Мои", "\(answer.text)")
    #expect(json["learning"]?["settings"]?["new_per_day"] == .number("20"))
    #expect(json["profile"]?["surname"]?.string == "Petrova")
    program.signal(SIGTERM)
    #expect(program.wait(seconds: 40) == 0, "\(program.errors)")
    #expect(try await users.ask("GET", "/api/users/me/export", as: .learner(id)).status == 503)
    users.program.signal(SIGTERM)
    #expect(users.program.wait(seconds: 30) == 0, "\(users.program.errors)")
  }
}
