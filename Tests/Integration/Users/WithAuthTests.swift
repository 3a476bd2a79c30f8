import Foundation
import JSON
import RealServers
import Testing

/// Users and auth as two processes, each of which calls the other.
@Suite struct WithAuthTests {
  private static let newPassword = "another long passphrase"

  @Test func sessionsEndWithThePasswordAndTheAccount() async throws {
    let database = try PostgresDatabase()
    try UsersBench.migrate(database.configuration)
    let port = try FreePorts.take(1)[0]
    let users = try UsersProcess(
      database: try database.url(),
      environment: ["KAFKA_BROKERS": "127.0.0.1:1", "AUTH_URL": "http://127.0.0.1:\(port)"])
    let keys = FileManager.default.temporaryDirectory.appending(path: "keys-\(UUID().uuidString).pem")
    defer { try? FileManager.default.removeItem(at: keys) }
    let program = try Kartoteka(
      ["auth", "--port", "\(port)"],
      environment: [
        "USERS_URL": users.url, "AUTH_KEYS_FILE": keys.path, "LOG_FORMAT": "json", "DRAIN_SECONDS": "0",
      ])
    #expect(eventually(within: 30) { program.errors.contains("\"url\"") || !program.isRunning })
    let auth = UsersProcess(program, url: "http://127.0.0.1:\(port)")

    let registered = try await auth.ask(
      "POST", "/api/register",
      #"{"name": "Anna", "surname": "Petrova", "email": "Anna@example.org", "password": "\#(UsersBench.password)"}"#,
      as: .nobody)
    #expect(registered.status == 201, "\(registered.text) \(program.errors)")
    #expect(try await login(auth, "wrong").status == 401)
    let session = try await login(auth, UsersBench.password)
    #expect(session.status == 201, "\(session.text)")
    let known = try await users.ask("GET", "/api/users/email/anna@example.org", as: .service)
    let digits = try #require(known.text.firstMatch(of: /"id":(\d+)/)?.1)
    let id = try #require(Int64(digits))

    let changed = try await auth.ask(
      "POST", "/api/password",
      #"{"old_password": "\#(UsersBench.password)", "new_password": "\#(Self.newPassword)"}"#, as: .learner(id))
    #expect(changed.status == 200, "\(changed.text)")
    for old in [registered, session] { #expect(try await refresh(auth, old.text).status == 401) }
    let kept = try await refresh(auth, changed.text)
    #expect(kept.status == 200, "\(kept.text)")
    #expect(try await login(auth, UsersBench.password).status == 401)

    #expect(try await users.ask("DELETE", "/api/users/\(id)", as: .learner(id)).status == 204)
    #expect(try await refresh(auth, kept.text).status == 401)
    #expect(try await login(auth, Self.newPassword).status == 401)
    let types = ["user_registered", "user_logged_in", "user_deleted"]
    #expect(try WaitingEvent.all(database.admin).map(\.type) == types)
    for process in [program, users.program] {
      process.signal(SIGTERM)
      #expect(process.wait(seconds: 30) == 0, "\(process.errors)")
    }
  }

  private func login(_ auth: UsersProcess, _ password: String) async throws -> (status: Int, text: String) {
    try await auth.ask(
      "POST", "/api/login", #"{"email": "anna@example.org", "password": "\#(password)"}"#, as: .nobody)
  }

  private func refresh(_ auth: UsersProcess, _ pair: String) async throws -> (status: Int, text: String) {
    let json = try JSONParser.parse(Array(pair.utf8))
    let token = try #require(json["refresh"]?.string)
    return try await auth.ask("POST", "/api/refresh", #"{"refresh": "\#(token)"}"#, as: .nobody)
  }
}
