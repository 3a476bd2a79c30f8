/// Why a stream of bytes is of no more use.
package enum StreamFailure: Error, Equatable {
  /// The peer, or the network between, ended it.
  case broken(String)
  case deadlineExceeded
  case cancelled
  case protocolViolation(String)
}

extension RedisError {
  /// - Parameter sent: whether bytes of the caller's command may have left.
  init(_ failure: StreamFailure, sent: Bool) {
    switch failure {
    case .broken(let text): self = sent ? .interrupted(text) : .connection(text)
    case .deadlineExceeded: self = .deadlineExceeded
    case .cancelled: self = .cancelled
    case .protocolViolation(let text): self = .protocolViolation(text)
    }
  }
}
