import HTTPService
import HTTPTypes
import Postgres
import ServiceContract

/// What a request is told when its database fails it: the one place where Postgres's errors meet HTTP.
package enum StoreFailures {
  /// To be declared by every operation that asks the database.
  package static let declarations = [overloaded, unavailable, busy, RequestDeadline.exceeded]

  static let overloaded = FailureDeclaration(
    .serviceUnavailable, "OVERLOADED", "Too much waits for the database already: try again later.")
  static let unavailable = FailureDeclaration(
    .serviceUnavailable, "DATABASE_UNAVAILABLE", "The database cannot be had for now: try again later.")
  static let busy = FailureDeclaration(
    .serviceUnavailable, "BUSY", "Others are changing the same at this moment: try again.")

  /// The failure that an error is to the request's caller; nil for what is the service's own mistake, a violated
  /// constraint included: which of them is the caller's, the service knows.
  package static func translate(_ error: PostgresError) -> RequestFailure? {
    switch error {
    case .overloaded(let retryAfter): return retry(overloaded, after: retryAfter)
    // Cancelled by a pool that is closing; a caller who has gone is told nothing.
    case .connection, .interrupted, .cancelled: return retry(unavailable, after: .seconds(2))
    case .deadlineExceeded: return RequestDeadline.exceeded.failure()
    case .server(let refusal):
      if refusal.isConflict || refusal.isLockTimeout { return retry(busy, after: .seconds(1)) }
      // The server's own clock was first.
      if refusal.sqlState == "57014" { return RequestDeadline.exceeded.failure() }
      return ["53", "57"].contains(refusal.sqlState.prefix(2)) ? retry(unavailable, after: .seconds(2)) : nil
    case .invalidValue, .protocolViolation: return nil
    }
  }

  private static func retry(_ failure: FailureDeclaration, after wait: Duration) -> RequestFailure {
    let (seconds, attoseconds) = wait.components
    return failure.failure(headers: [.retryAfter: String(max(1, seconds + (attoseconds > 0 ? 1 : 0)))])
  }
}
