import Foundation
import Postgres
import RealServers
import Testing

/// The server dies, freezes and cuts under us.
@Suite struct PostgresFaultTests {
  private static let one = PostgresStatement("one", "SELECT 1")
  private static let sleep = PostgresStatement("sleep", "SELECT pg_sleep($1)")

  private func outcome(_ pool: PostgresPool, _ limit: Duration = .seconds(2)) async -> PostgresError? {
    do throws(PostgresError) {
      try await pool.run(Self.one(), until: .now + limit)
      return nil
    } catch { return error }
  }

  @Test func aKilledServerIsAnErrorUntilItIsBack() async throws {
    let profile = ServerProfile()
    defer { profile.stop() }
    try profile.start(["postgres-users"])
    let pool = PostgresPool(try PostgresServer.configuration(profile.environment()), connections: 2)
    try await pool.run(PostgresStatement(unprepared: "CREATE TABLE t (a int8)")(), until: .now + .seconds(5))
    try await pool.run(PostgresStatement(unprepared: "INSERT INTO t VALUES (1)")(), until: .now + .seconds(5))

    let waiting = Task { try await pool.run(Self.sleep(.float8(60)), until: .now + .seconds(60)) }
    #expect(eventually(within: 5) { pool.load.running == 1 })
    try await Task.sleep(for: .milliseconds(300))
    try profile.signalAll("postgres-users", SIGKILL)
    await #expect(throws: PostgresError.interrupted(sqlState: nil)) { try await waiting.value }
    // The dying server may still have accepted a connection.
    var error = await outcome(pool)
    for _ in 0..<50 where error != .connection(.refused) {
      #expect(error?.isUnavailable == true, "\(String(describing: error))")
      try await Task.sleep(for: .milliseconds(20))
      error = await outcome(pool)
    }
    #expect(error == .connection(.refused))

    try profile.start(["postgres-users"])
    #expect(await outcome(pool) == nil)
    // What was answered is there.
    #expect(
      try await pool.run(PostgresStatement(unprepared: "SELECT count(*) FROM t")(), until: .now + .seconds(5))[0].value(
        0)
        == 1)

    // Restarted while nobody asked: noticed before anything is sent.
    try profile.signalAll("postgres-users", SIGKILL)
    try profile.start(["postgres-users"])
    #expect(await outcome(pool) == nil)
    await pool.close()
  }

  @Test func aFrozenServerHoldsNobodyBeyondTheDeadline() async throws {
    let profile = ServerProfile()
    defer { profile.stop() }
    try profile.start(["postgres-users"])
    var configuration = try PostgresServer.configuration(profile.environment())
    configuration.connectTimeout = .milliseconds(500)
    let pool = PostgresPool(configuration, connections: 2)
    #expect(await outcome(pool) == nil)

    try profile.signalAll("postgres-users", SIGSTOP)
    defer { try? profile.signalAll("postgres-users", SIGCONT) }
    for _ in 0..<4 {
      let start = ContinuousClock.now
      let error = await outcome(pool, .milliseconds(700))
      #expect(error?.isUnavailable == true, "\(String(describing: error))")
      #expect(.now - start < .milliseconds(1700))
    }
    try profile.signalAll("postgres-users", SIGCONT)
    var recovered = false
    let end = ContinuousClock.now + .seconds(15)
    while !recovered, ContinuousClock.now < end { recovered = await outcome(pool) == nil }
    #expect(recovered)
    for _ in 0..<10 { #expect(await outcome(pool) == nil) }
    await pool.close()
  }

  /// The session is cut by the second of three statements of one batch.
  @Test func aCutBetweenStatementsUndoesTheBatch() throws {
    let database = try PostgresDatabase()
    let connection = PostgresConnection(database.configuration)
    try connection.sql("CREATE TABLE t (a int8)")
    let error = postgresError {
      try connection.sql(
        "INSERT INTO t VALUES (1)", "SELECT pg_terminate_backend(pg_backend_pid())", "INSERT INTO t VALUES (2)")
    }
    #expect(error == .interrupted(sqlState: "57P01"))
    #expect(try connection.number("SELECT count(*) FROM t") == 0)
    // And within a transaction.
    let within = postgresError {
      try connection.transaction(until: .now + .seconds(5)) { transaction in
        try transaction.run(PostgresStatement(unprepared: "INSERT INTO t VALUES (1)")())
        try database.admin.sql(
          "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        try transaction.run(PostgresStatement(unprepared: "INSERT INTO t VALUES (2)")())
      }
    }
    guard case .interrupted = within else {
      Issue.record("\(String(describing: within))")
      return
    }
    #expect(try connection.number("SELECT count(*) FROM t") == 0)
  }

  @Test func aConnectionBoundToItsSessionDoesNotTakeAnother() throws {
    let database = try PostgresDatabase()
    let connection = PostgresConnection(database.configuration, reconnects: false)
    #expect(try connection.number("SELECT 1") == 1)
    try database.admin.sql(
      "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )
    for _ in 0..<2 { #expect(postgresError { _ = try connection.number("SELECT 1") } == .interrupted(sqlState: nil)) }
  }
}
