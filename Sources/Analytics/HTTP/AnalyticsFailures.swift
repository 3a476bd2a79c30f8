import HTTPService
import Hummingbird

/// How the service's own errors meet HTTP.
enum AnalyticsFailures {
  @Sendable static func failure(_ error: any Error) -> RequestFailure? {
    switch error {
    case let problem as QueryProblem:
      return RequestFailure(
        .badRequest, code: problem.code, message: problem.message, path: problem.path.isEmpty ? nil : problem.path)
    case let failure as WarehouseFailure: return Self.failure(failure)
    case is CancellationError:
      // Nobody reads this; it is for the log and the metrics.
      return RequestFailure(
        .init(code: 499, reasonPhrase: "Client Closed Request"), code: "client_gone", message: "The client has gone.")
    default: return nil
    }
  }

  private static func failure(_ failure: WarehouseFailure) -> RequestFailure {
    switch failure {
    case .unavailable:
      RequestFailure(
        .serviceUnavailable, code: "clickhouse_unavailable", message: "ClickHouse does not answer now; try again soon.",
        headers: [.retryAfter: "2"])
    case .overloaded(let retryAfter):
      RequestFailure(
        .serviceUnavailable, code: "overloaded",
        message: "More is being asked than can be answered in time; Retry-After says when to ask again.",
        headers: [.retryAfter: String(Int((retryAfter / .seconds(1)).rounded(.up)))])
    case .deadlineExceeded:
      RequestFailure(
        .gatewayTimeout, code: "deadline_exceeded",
        message: "The query took longer than allowed: ask for a shorter range or fewer dimensions.")
    case .tooLarge(let limit):
      RequestFailure(
        .unprocessableContent, code: "query_too_large",
        message: "The query is over a limit (\(limit)): ask for a shorter range or fewer dimensions.")
    case .misconfigured:
      RequestFailure(
        .internalServerError, code: "misconfigured",
        message: "The service and ClickHouse do not fit together; the log has the reason under this request's id.")
    }
  }
}
