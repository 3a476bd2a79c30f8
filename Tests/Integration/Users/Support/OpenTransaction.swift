import Blocking
import Postgres
import RealServers

/// A transaction of somebody else that stays open until it is told to commit.
final class OpenTransaction: Sendable {
  private let begun = CancellationFlag()
  private let wanted = CancellationFlag()
  private let ended: Task<Void, any Error>

  init(_ configuration: PostgresConfiguration, _ sql: String) {
    ended = Task { [begun, wanted] in
      try await BlockingThread.run("holder") {
        let connection = PostgresConnection(configuration)
        try connection.transaction(until: .now + .seconds(30)) { transaction in
          try transaction.run(PostgresStatement(unprepared: sql)())
          begun.raise()
          while !wanted.isRaised { BlockingThread.sleep(.milliseconds(5)) }
        }
      }
    }
  }

  func hasBegun() async throws {
    for _ in 0..<2000 where !begun.isRaised { try await Task.sleep(for: .milliseconds(5)) }
  }

  func commit() async throws {
    wanted.raise()
    try await ended.value
  }

  /// Whether somebody waits for a lock in this database.
  static func holdsSomebodyUp(_ admin: PostgresConnection) async throws -> Bool {
    for _ in 0..<1000 {
      if try admin.number(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'") > 0
      {
        return true
      }
      try await Task.sleep(for: .milliseconds(5))
    }
    return false
  }
}
