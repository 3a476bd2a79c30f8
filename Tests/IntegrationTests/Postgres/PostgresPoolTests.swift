import Blocking
import Foundation
import Postgres
import RealServers
import Testing

@Suite struct PostgresPoolTests {
  private let database: PostgresDatabase

  init() throws { database = try PostgresDatabase() }

  private static let sleep = PostgresStatement("sleep", "SELECT pg_sleep($1)")
  private static let session = PostgresStatement("session", "SELECT pg_backend_pid()")

  private func sleeping(_ application: String) throws -> Int {
    try database.admin.number(
      "SELECT count(*) FROM pg_stat_activity WHERE application_name = '\(application)' AND state = 'active'")
  }

  @Test func manyAreAnsweredOverFewSessions() async throws {
    let pool = PostgresPool(database.configuration, connections: 3)
    let double = PostgresStatement("double", "SELECT $1 * 2, pg_backend_pid()")
    let sessions = try await withThrowingTaskGroup(of: Int.self) { group in
      for number in 0..<200 {
        group.addTask {
          let row = try await pool.run(double(.int8(number)), until: .now + .seconds(10))[0]
          #expect(try row.value(0) == number * 2)
          return try row.value(1)
        }
      }
      return try await group.reduce(into: Set<Int>()) { $0.insert($1) }
    }
    #expect((1...3).contains(sessions.count))
    let sum = try await pool.transaction(until: .now + .seconds(5)) { transaction in
      try transaction.run(double(.int8(4)))[0].value(0, as: Int.self) + transaction.run(double(.int8(5)))[0].value(0)
    }
    #expect(sum == 18)
    #expect(await pool.close())
    #expect(try sleeping(database.configuration.applicationName) <= 1)
    await #expect(throws: PostgresError.cancelled) { try await pool.run(double(.int8(1)), until: .now + .seconds(1)) }
  }

  @Test func aDeadlineEndsTheWaitAndTheStatementAndKeepsTheSession() async throws {
    let pool = PostgresPool(database.named("late"), connections: 1)
    let first: Int = try await pool.run(Self.session(), until: .now + .seconds(5))[0].value(0)
    let start = ContinuousClock.now
    await #expect(throws: PostgresError.deadlineExceeded) {
      try await pool.run(Self.sleep(.float8(30)), until: .now + .milliseconds(300))
    }
    #expect(.now - start < .milliseconds(1500))
    #expect(try eventually(within: 3) { try sleeping("late") == 0 })
    let second: Int = try await pool.run(Self.session(), until: .now + .seconds(5))[0].value(0)
    #expect(second == first)
    await pool.close()
  }

  @Test func aCancelledTaskEndsItsStatement() async throws {
    let pool = PostgresPool(database.named("cancelled"), connections: 1)
    let start = ContinuousClock.now
    let task = Task { try await pool.run(Self.sleep(.float8(30)), until: .now + .seconds(30)) }
    #expect(try eventually(within: 5) { try sleeping("cancelled") == 1 })
    task.cancel()
    await #expect(throws: PostgresError.cancelled) { try await task.value }
    #expect(.now - start < .seconds(7))
    #expect(try eventually(within: 3) { try sleeping("cancelled") == 0 })
    await pool.close()
  }

  @Test func whatWouldBeLateIsRefusedAtOnce() async throws {
    let pool = PostgresPool(database.configuration, connections: 1, queue: 2)
    for _ in 0..<3 { try await pool.run(Self.sleep(.float8(0.2)), until: .now + .seconds(5)) }
    let tasks = (0..<8).map { _ in
      Task { try await pool.run(Self.sleep(.float8(0.2)), until: .now + .milliseconds(900)) }
    }
    var refused = 0
    for task in tasks {
      do { _ = try await task.value } catch PostgresError.overloaded { refused += 1 }
    }
    #expect(refused >= 5 && refused < 8)
    #expect(pool.load.overloaded == refused)
    await pool.close()
  }

  @Test func closingWaitsForWhatIsUnderWay() async throws {
    let pool = PostgresPool(database.configuration, connections: 1)
    let task = Task { try await pool.run(Self.sleep(.float8(0.5)), until: .now + .seconds(5)) }
    #expect(eventually(within: 5) { pool.load.running == 1 })
    #expect(await !pool.close(within: .milliseconds(50)))
    #expect(await pool.close())
    #expect(try await task.value.count == 1)
  }
}
