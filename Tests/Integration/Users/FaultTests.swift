import Glibc
import HTTPServiceTesting
import Postgres
import RealServers
import Testing

/// The database dies, freezes and is locked under the service.
@Suite struct UsersFaultTests {
  @Test func aKilledDatabaseIs503UntilItIsBack() async throws {
    let profile = ServerProfile()
    defer { profile.stop() }
    try profile.start(["postgres-users"])
    let configuration = try PostgresServer.configuration(profile.environment())
    try UsersBench.migrate(configuration)
    let bench = try UsersBench(configuration)
    let id = try await bench.person("anna@example.org")
    try profile.signalAll("postgres-users", SIGKILL)
    var statuses: Set<Int> = []
    for number in 0..<20 {
      for answer in [
        try await bench.register("p\(number)@example.org"), try await bench.verify("anna@example.org"),
        try await bench.ask("GET", "/api/users/id/\(id)", as: .service),
        try await bench.ask("DELETE", "/api/users/\(id)", as: .learner(id)),
      ] {
        statuses.insert(answer.status)
        #expect(answer.code == "DATABASE_UNAVAILABLE" && answer[header: "Retry-After"] != nil, "\(answer.text)")
      }
    }
    #expect(statuses == [503])
    #expect(try await bench.ask("GET", "/health/ready", as: .nobody).status == 503)
    await bench.sweeper(grace: .zero).sweep()
    #expect(bench.metrics.exposition().contains("users_erasure_failures_total 1\n"))

    try profile.start(["postgres-users"])
    var login = try await bench.verify("anna@example.org")
    for _ in 0..<100 where login.status == 503 {
      try await Task.sleep(for: .milliseconds(50))
      login = try await bench.verify("anna@example.org")
    }
    #expect(login.status == 200 && login.id == id)
    #expect(try await bench.register("p0@example.org").status == 201, "what was refused was not done")
    #expect(try await bench.ask("GET", "/health/ready", as: .nobody).status == 200)
    await bench.store.close()
  }

  @Test func aFrozenDatabaseHoldsNobodyBeyondTheDeadline() async throws {
    let profile = ServerProfile()
    defer { profile.stop() }
    try profile.start(["postgres-users"])
    let configuration = try PostgresServer.configuration(profile.environment())
    try UsersBench.migrate(configuration)
    let bench = try UsersBench(configuration, deadline: .seconds(1))
    _ = try await bench.person("anna@example.org")
    try profile.signalAll("postgres-users", SIGSTOP)
    for _ in 0..<3 {
      let start = ContinuousClock.now
      let answer = try await bench.verify("anna@example.org")
      #expect([503, 504].contains(answer.status), "\(answer.text)")
      #expect(.now - start < .seconds(3))
    }
    try profile.signalAll("postgres-users", SIGCONT)
    var login = try await bench.verify("anna@example.org")
    for _ in 0..<100 where login.status != 200 {
      try await Task.sleep(for: .milliseconds(100))
      login = try await bench.verify("anna@example.org")
    }
    #expect(login.status == 200)
    await bench.store.close()
  }

  @Test func aRowThatStaysLockedIsBusy() async throws {
    try await UsersBench.run { bench, _ in
      let id = try await bench.person("anna@example.org")
      let other = OpenTransaction(bench.configuration, "SELECT 1 FROM users WHERE id = \(id) FOR UPDATE")
      try await other.hasBegun()
      let answer = try await bench.ask("PATCH", "/api/users/\(id)", #"{"name": "Ann"}"#, as: .learner(id))
      #expect(answer.status == 503 && answer.code == "BUSY" && answer[header: "Retry-After"] != nil, "\(answer.text)")
      try await other.commit()
      #expect(
        try await bench.ask("PATCH", "/api/users/\(id)", #"{"name": "Ann"}"#, as: .learner(id)).status == 200)
    }
  }

  @Test func anUnmigratedDatabaseIsNotReady() async throws {
    let database = try PostgresDatabase()
    let bench = try UsersBench(database.configuration)
    let ready = try await bench.ask("GET", "/health/ready", as: .nobody)
    #expect(ready.status == 503 && ready.text.contains("postgres"), "\(ready.text)")
    await bench.store.close()
  }
}
