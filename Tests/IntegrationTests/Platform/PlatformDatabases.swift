import RealServers
import Testing

/// Databases of one test's own on the servers of the run.
final class PlatformDatabases {
  let users: PostgresDatabase
  let decks: PostgresDatabase
  let teaching: PostgresDatabase
  let clickHouse: TestDatabase

  init() throws {
    users = try PostgresDatabase()
    decks = try PostgresDatabase()
    teaching = try PostgresDatabase()
    clickHouse = try TestDatabase()
  }

  /// Users, decks, teaching, auth, analytics and the gateway as processes, which have these databases for as long as they run.
  func platform(drainSeconds: Int = 0) async throws -> RunningPlatform {
    try await RunningPlatform(
      [.users, .decks, .teaching, .auth, .analytics, .gateway],
      [
        "USERS_DATABASE_URL": try users.url(), "DECKS_DATABASE_URL": try decks.url(),
        "TEACHING_DATABASE_URL": try teaching.url(), "CLICKHOUSE_DATABASE": clickHouse.name, "LOG_FORMAT": "json",
        "DRAIN_SECONDS": "\(drainSeconds)",
        "POSTGRES_MIGRATIONS": Kartoteka.root.appending(path: "postgres").path,
      ], on: [self])
  }
}

extension RunningPlatform {
  /// The access token of somebody new.
  func register(_ name: String, id: String = "register") async throws -> String {
    let person = """
      {"name": "Anna", "surname": "Petrova", "email": "\(name)@example.org", "password": "correct horse"}
      """
    let answer = try await ask(.gateway, "POST", "/auth/register", person, headers: ["X-Request-Id": id])
    #expect(answer.status == 201, "\(answer.text)")
    return try answer.member("access")
  }

  func logIn(_ name: String) async throws -> String {
    let answer = try await ask(
      .gateway, "POST", "/auth/login", #"{"email": "\#(name)@example.org", "password": "correct horse"}"#)
    #expect(answer.status == 201, "\(answer.text)")
    return try answer.member("access")
  }
}
