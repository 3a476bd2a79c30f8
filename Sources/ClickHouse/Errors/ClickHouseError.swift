/// Why a request to ClickHouse failed, told apart by what the caller knows afterwards.
package enum ClickHouseError: Error, Sendable, Equatable {
  /// The server answered with an exception: its code, the code's name (may be empty), and its words without code and
  /// version.
  case server(code: Int, name: String, message: String)
  /// No connection came about (refused, unknown host, timed out, TLS): the server has seen nothing of the request.
  case connection(String)
  /// The connection broke or timed out after the request had begun: the server may or may not have done what was asked.
  case interrupted(String)
  /// The caller cancelled. A statement already sent may still have taken effect.
  case cancelled
  /// The deadline passed. A statement already sent may still have taken effect.
  case deadlineExceeded
  /// So much waits for a connection already that the request would not end by its deadline; nothing was sent.
  /// `retryAfter`: when that should have changed.
  case overloaded(retryAfter: Duration)
  /// The peer does not speak the protocol as expected, or bytes given to a decoder are not what they claim to be.
  case protocolViolation(String)

  /// What the caller should do about it.
  package var disposition: Disposition {
    switch self {
    case .server(let code, _, _): Disposition(serverCode: code)
    case .connection, .interrupted, .cancelled, .deadlineExceeded: .transient
    case .overloaded: .backpressure
    case .protocolViolation: .misconfiguration
    }
  }

  /// True if the request may have taken effect although it failed.
  package var isOutcomeUnknown: Bool {
    switch self {
    case .interrupted, .cancelled, .deadlineExceeded: true
    // TIMEOUT_EXCEEDED, UNKNOWN_STATUS_OF_INSERT, QUERY_WAS_CANCELLED: parts of an insert may be there.
    case .server(let code, _, _): code == 159 || code == 319 || code == 394
    case .connection, .overloaded, .protocolViolation: false
    }
  }
}

extension ClickHouseError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .server(let code, let name, let message):
      "ClickHouse error \(code)\(name.isEmpty ? "" : " \(name)"): \(message)"
    case .connection(let text): "cannot connect to ClickHouse: \(text)"
    case .interrupted(let text): "the exchange with ClickHouse broke off, its outcome is unknown: \(text)"
    case .cancelled: "the request to ClickHouse was cancelled"
    case .deadlineExceeded: "the request to ClickHouse was not answered by its deadline"
    case .overloaded: "too many requests wait for a connection to ClickHouse; nothing was sent"
    case .protocolViolation(let text): "unexpected data in the exchange with ClickHouse: \(text)"
    }
  }
}
