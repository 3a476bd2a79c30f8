import Blocking
import CivilTime

/// What reads ClickHouse for the analytics service.
package protocol Warehouse: Sendable {
  /// Runs one statement and returns what the server sent, in the format the statement names.
  /// - Throws: `WarehouseFailure`, or `CancellationError` once the surrounding task is cancelled.
  func read(_ statement: Statement, for scope: RequestScope) async throws -> Reading

  /// How many statements run and wait, and how many were refused.
  var load: PoolLoad { get }
}

/// What a statement answered.
package struct Reading: Sendable {
  package let bytes: [UInt8]
  /// The newest event known before the statement was sent: the scope's, on whose behalf it was.
  package let freshTo: Instant?

  package init(bytes: [UInt8], freshTo: Instant?) {
    self.bytes = bytes
    self.freshTo = freshTo
  }
}

/// On whose behalf, and until when, ClickHouse is asked.
package struct RequestScope: Sendable {
  /// Becomes part of `query_id` and is the `log_comment`.
  package let requestID: String
  package let deadline: ContinuousClock.Instant
  /// The newest event known so far; nil while that is not known, or without any.
  package let freshTo: Instant?

  package init(requestID: String, deadline: ContinuousClock.Instant, freshTo: Instant? = nil) {
    self.requestID = requestID
    self.deadline = deadline
    self.freshTo = freshTo
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
