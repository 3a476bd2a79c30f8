import HTTPService
import HTTPTypes

/// Why another service did not answer, told apart by what the caller knows afterwards. No text of it holds an address or a
/// secret.
package enum ServiceCallError: Error, Sendable, Equatable {
  /// No connection came about: the service has seen nothing of the request.
  case connection(String)
  /// The connection broke after the request had begun: it may or may not have been done.
  case interrupted(String)
  /// There was no time left. A request already sent may still be done.
  case deadlineExceeded
  /// So many wait for a connection that the request would not be answered in time; nothing was sent.
  case overloaded(retryAfter: Duration)
  /// The caller cancelled, or the client was closed. A request already sent may still be done.
  case cancelled
  /// What came back is no answer of one of our services.
  case protocolViolation(String)

  package static let unavailable = FailureDeclaration(
    .serviceUnavailable, "DEPENDENCY_UNAVAILABLE", "A service that this needs cannot be reached; try again.")
  package static let overloaded = FailureDeclaration(
    .serviceUnavailable, "OVERLOADED", "Too many requests wait for a service that this needs; try again.")
  package static let malformedAnswer = FailureDeclaration(
    .badGateway, "DEPENDENCY_FAILED", "A service that this needs gave an answer that is none.")

  /// As the caller's own caller is told. The details are for the log.
  package var failure: RequestFailure {
    switch self {
    case .connection, .interrupted, .cancelled: Self.unavailable.failure(headers: [.retryAfter: "1"])
    case .deadlineExceeded: RequestDeadline.exceeded.failure()
    case .overloaded(let retryAfter):
      Self.overloaded.failure(headers: [.retryAfter: "\(max(1, Int((retryAfter / .seconds(1)).rounded(.up))))"])
    case .protocolViolation: Self.malformedAnswer.failure()
    }
  }
}

extension ServiceCallError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .connection(let text): "cannot connect to the service: \(text)"
    case .interrupted(let text): "the exchange with the service broke off, its outcome is unknown: \(text)"
    case .deadlineExceeded: "the service did not answer by the deadline"
    case .overloaded: "too many requests wait for a connection to the service; nothing was sent"
    case .cancelled: "the request to the service was cancelled"
    case .protocolViolation(let text): "unexpected data from the service: \(text)"
    }
  }
}
