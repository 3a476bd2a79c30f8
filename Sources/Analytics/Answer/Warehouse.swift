import CivilTime

/// What reads ClickHouse for the analytics service.
package protocol Warehouse: Sendable {
  /// Runs one statement and returns what the server sent, in the format the statement names.
  /// - Throws: `WarehouseFailure`, or `CancellationError` once the surrounding task is cancelled.
  func read(_ statement: Statement, for scope: RequestScope) async throws -> [UInt8]
}

/// On whose behalf, and until when, ClickHouse is asked.
package struct RequestScope: Sendable {
  /// Becomes part of `query_id` and is the `log_comment`.
  package let requestID: String
  package let deadline: ContinuousClock.Instant

  package init(requestID: String, deadline: ContinuousClock.Instant) {
    self.requestID = requestID
    self.deadline = deadline
  }

  /// Time left, never negative.
  package var remaining: Duration { max(.zero, deadline - .now) }
}

/// Why ClickHouse gave no answer, by what the asker can do about it.
package enum WarehouseFailure: Error, Sendable, Equatable {
  /// Not reachable, or itself overloaded: ask again soon.
  case unavailable(String)
  /// So much is being asked already that the answer would come after the deadline; ClickHouse was not asked.
  case overloaded(retryAfter: Duration)
  /// The deadline passed.
  case deadlineExceeded
  /// The query is over a limit of the reader's: ask for less.
  case tooLarge(String)
  /// The service and the server do not fit together: an operator must act.
  case misconfigured(String)
}
