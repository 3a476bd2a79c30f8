import Blocking
import Foundation
import Postgres
import RealServers
import Synchronization
import Testing

@Suite struct PostgresTransactionTests {
  private struct Own: Error {}

  private let database: PostgresDatabase
  private let connection: PostgresConnection
  private static let add = PostgresStatement("t.add", "UPDATE t SET b = b + $2 WHERE a = $1 RETURNING b")
  private static let read = PostgresStatement("t.read", "SELECT b FROM t WHERE a = $1")

  init() throws {
    database = try PostgresDatabase()
    connection = database.admin
    try connection.sql("CREATE TABLE t (a int8 PRIMARY KEY, b int8)", "INSERT INTO t VALUES (1, 0), (2, 0)")
  }

  private var soon: ContinuousClock.Instant { .now + .seconds(10) }
  private func value(_ key: Int) throws -> Int { try connection.number("SELECT b FROM t WHERE a = \(key)") }

  @Test func whatABodyDoesIsDoneOrNot() throws {
    let after: Int = try connection.transaction(until: soon) { transaction in
      transaction.runWithCommit([Self.add(.int8(2), .int8(5))])
      return try transaction.run(Self.add(.int8(1), .int8(1)))[0].value(0)
    }
    #expect(try after == 1 && value(1) == 1 && value(2) == 5)
    #expect(throws: Own.self) {
      try connection.transaction(until: soon) { transaction in
        try transaction.run(Self.add(.int8(1), .int8(1)))
        throw Own()
      }
    }
    #expect(try value(1) == 1)
    // An error that the body does not pass on undoes it nevertheless.
    let error = postgresError {
      try connection.transaction(until: soon) { transaction in
        try transaction.run(Self.add(.int8(1), .int8(1)))
        _ = try? transaction.run(PostgresStatement(unprepared: "INSERT INTO t VALUES (1, 1)")())
        #expect(throws: PostgresError.self) { try transaction.run(Self.read(.int8(1))) }
      }
    }
    #expect(error?.isUniqueViolation == true)
    #expect(try value(1) == 1)
    #expect(try connection.transaction(until: soon) { _ in 7 } == 7)
    let late = postgresError {
      try connection.transaction(until: soon) { $0.runWithCommit([PostgresStatement(unprepared: "SELECT 1 / 0")()]) }
    }
    #expect(late?.sqlState == "22012")
    #expect(try connection.number("SELECT count(*) FROM pg_stat_activity WHERE state LIKE 'idle in%'") == 0)
  }

  /// Two that read and then write the same row: one is refused (40001), and run again.
  @Test func whatMeetsAnotherTransactionIsRunAgain() async throws {
    let configuration = database.configuration
    let meet = Meeting(2)
    try await withThrowingTaskGroup(of: Void.self) { group in
      for _ in 0..<2 {
        group.addTask {
          try await BlockingThread.run("writer") {
            try PostgresConnection(configuration).transaction(.serializable, until: .now + .seconds(10)) {
              transaction in
              let mine = meet.count()
              let seen: Int = try transaction.run(Self.read(.int8(1)))[0].value(0)
              if mine <= 2 { meet.arrive() }
              try transaction.run(PostgresStatement(unprepared: "UPDATE t SET b = $1 WHERE a = 1")(.int8(seen + 1)))
            }
          }
        }
      }
      try await group.waitForAll()
    }
    #expect(try value(1) == 2)
    #expect(meet.attempts == 3)
  }

  @Test func aDeadlockIsResolvedAndRunAgain() async throws {
    let configuration = database.configuration
    let (meet, over) = (Meeting(2), Meeting(2))
    try await withThrowingTaskGroup(of: Void.self) { group in
      for keys in [(1, 2), (2, 1)] {
        group.addTask {
          try await BlockingThread.run("writer") {
            try PostgresConnection(configuration).transaction(until: .now + .seconds(10)) { transaction in
              let mine = meet.count()
              // Who was refused could have its row again before the other, who waits for it, wakes.
              if mine > 2 { over.arrive() }
              try transaction.run(Self.add(.int8(keys.0), .int8(1)))
              if mine <= 2 { meet.arrive() }
              try transaction.run(Self.add(.int8(keys.1), .int8(1)))
            }
            over.arrive()
          }
        }
      }
      try await group.waitForAll()
    }
    #expect(try value(1) == 2 && value(2) == 2)
    #expect(meet.attempts == 3)
  }

  @Test func retriesHaveAnEnd() throws {
    var attempts = 0
    let conflict = PostgresStatement(unprepared: "DO $$ BEGIN RAISE SQLSTATE '40001'; END $$")
    let error = postgresError {
      try connection.transaction(until: soon) { transaction in
        attempts += 1
        try transaction.run(conflict())
      }
    }
    #expect(error?.sqlState == "40001" && attempts == 4)
    #expect(postgresError { try connection.run(conflict(), until: soon) }?.sqlState == "40001")
    // Not beyond the deadline.
    attempts = 0
    let late = postgresError {
      try connection.transaction(until: .now + .milliseconds(100)) { transaction in
        attempts += 1
        BlockingThread.sleep(.milliseconds(60))
        try transaction.run(conflict())
      }
    }
    #expect(late != nil && attempts <= 2)
  }

  @Test func aLockIsNotWaitedForLong() throws {
    var configuration = database.configuration
    configuration.lockTimeout = .milliseconds(200)
    let other = PostgresConnection(configuration)
    try connection.transaction(until: soon) { transaction in
      try transaction.run(Self.add(.int8(1), .int8(1)))
      let error = postgresError { _ = try other.run(Self.add(.int8(1), .int8(1)), until: soon) }
      #expect(error?.sqlState == "55P03" && error?.isUnavailable == true)
    }
    #expect(try other.run(Self.add(.int8(1), .int8(1)), until: soon)[0].value(0) == 2)
  }

  @Test func theServersOwnTimeLimitIsAnErrorOfTheStatement() throws {
    let error = postgresError {
      try connection.transaction(until: soon) { transaction in
        try transaction.run(PostgresStatement(unprepared: "SET LOCAL statement_timeout = 50")())
        try transaction.run(PostgresStatement(unprepared: "SELECT pg_sleep(5)")())
      }
    }
    #expect(error?.sqlState == "57014")
    #expect(try value(1) == 0)
  }

  @Test func aDeadlineWithinATransactionUndoesIt() throws {
    let start = ContinuousClock.now
    let error = postgresError {
      try connection.transaction(until: .now + .milliseconds(300)) { transaction in
        try transaction.run(Self.add(.int8(1), .int8(1)))
        try transaction.run(PostgresStatement(unprepared: "SELECT pg_sleep(20)")())
      }
    }
    #expect(error == .deadlineExceeded && .now - start < .seconds(2))
    // The same session goes on, its transaction rolled back.
    #expect(try value(1) == 0)
  }
}

/// A place where so many threads wait for each other.
private final class Meeting: Sendable {
  private let arrived: Monitor<Int>
  private let wanted: Int
  private let counted = Atomic(0)

  init(_ wanted: Int) {
    self.wanted = wanted
    arrived = Monitor(0)
  }

  var attempts: Int { counted.load(ordering: .relaxed) }

  /// - Returns: which attempt this one is.
  func count() -> Int { counted.add(1, ordering: .relaxed).newValue }

  func arrive() {
    arrived.withLock { $0 += 1 }
    arrived.notify()
    let end = ContinuousClock.now + .seconds(5)
    arrived.wait { $0 >= wanted || ContinuousClock.now > end ? .done(()) : .until(end) }
  }
}
