import Blocking
import CivilTime
import Logging
import Postgres
import ServiceLifecycle

/// Ends sessions whose learners have gone, beside the service that serves them. Several at once do no harm: whoever holds the
/// learner's row ends a session, and the others find it ended.
package struct SessionSweeper: Service {
  /// How long nothing must have come, by the database's clock.
  static let idle = Duration.milliseconds(StudySession.idleLimitMs)
  private static let pause = Duration.seconds(30)
  private static let patience = Duration.seconds(20)
  private static let retries = RetryPolicy(first: .seconds(1), longest: .seconds(60))
  /// The most that are ended at a time.
  private static let batch = 500

  private let store: LearningStore
  private let log: Logger

  package init(_ store: LearningStore, log: Logger) {
    self.store = store
    self.log = log
  }

  /// Sweeps until it is asked to stop.
  package func run() async throws {
    await cancelWhenGracefulShutdown {
      var failures = 0
      while !Task.isCancelled {
        var wait = Self.pause
        do {
          // There may be more than one batch.
          if try await sweep() == Self.batch { wait = .zero }
          failures = 0
        } catch {
          failures += 1
          wait = Self.retries.delay(afterFailures: failures)
          if !Task.isCancelled { log.warning("sessions were not swept", metadata: ["error": "\(error)"]) }
        }
        try? await Task.sleep(for: wait)
      }
    }
  }

  /// Ends what has been left by now.
  /// - Returns: how many it has ended.
  @discardableResult
  package func sweep() async throws -> Int {
    let rows = try await store.pool.run(Self.left(Self.idleSeconds, .int8(Self.batch)), until: .now + Self.patience)
    var ended = 0
    for row in rows where try await end(try row.value(0), of: try row.value(1)) { ended += 1 }
    return ended
  }

  /// - Returns: whether it has ended the session.
  private func end(_ id: Int64, of learner: Int64) async throws -> Bool {
    let store = store
    let end = try await store.pool.transaction(until: .now + Self.patience) { transaction -> SessionEnd? in
      let rows = try transaction.run([
        StoredLearner.lockIfFree(.int8(learner)), Self.stillLeft(.int8(id), .int8(learner), Self.idleSeconds),
      ])
      // Somebody is at it: it is looked at again.
      guard !rows[0].isEmpty, let row = rows[1].first else { return nil }
      let stored = try StoredSession(row)
      var session = stored.session()
      guard let end = session.abandon() else { return nil }
      transaction.runWithCommit(store.ending(stored.changed(to: session), end, learner))
      return end
    }
    guard end != nil else { return false }
    store.changed(end)
    return true
  }

  private static let idleSeconds = PostgresValue.float8(idle / .seconds(1))
  private static let isLeft = "s.ended_at IS NULL AND s.touched_at < clock_timestamp() - make_interval(secs => "

  private static let left = PostgresStatement(
    "sessions.left",
    "SELECT s.id, s.user_id FROM learning_sessions s WHERE \(isLeft)$1) ORDER BY s.touched_at LIMIT $2")
  private static let stillLeft = PostgresStatement(
    "sessions.stillLeft",
    """
    SELECT \(StoredSession.columns) FROM learning_sessions s WHERE s.id = $1 AND s.user_id = $2 AND \(isLeft)$3)
    """)
}
