/// Why a call did not give its answer, told apart by what the caller knows afterwards. No text of it holds a token or a
/// password.
package enum PlatformError: Error, Sendable, Equatable {
  /// The platform answered that it will not, or cannot. `code` as its error body has it, empty where there is none.
  case refused(status: Int, code: String, message: String, retryAfterSeconds: Int?)
  /// No connection came about: the platform has seen nothing of it.
  case connection(String)
  /// It broke off, or its time was over, after it had begun: it may or may not have been done.
  case interrupted(String)
  /// The answer is not what the API promises.
  case malformed(String)
  /// The flag of the connection was raised. What was under way may still be done.
  case cancelled

  /// Whether the call may have been done all the same. A 4xx was not; of a 5xx that cannot be told, since a gateway answers so
  /// too when it heard nothing of a service that goes on.
  package var leavesOutcomeUnknown: Bool {
    switch self {
    case .refused(let status, _, _, _): status >= 500
    case .connection: false
    case .interrupted, .malformed, .cancelled: true
    }
  }

  package var status: Int? { if case .refused(let status, _, _, _) = self { status } else { nil } }

  /// How long the platform asks to wait before the call is sent again.
  package var retryAfterSeconds: Int? {
    if case .refused(_, _, _, let seconds) = self { seconds } else { nil }
  }

  /// A word to count it by: `429 RATE_LIMITED`, `connection`.
  package var name: String {
    switch self {
    case .refused(let status, let code, _, _): code.isEmpty ? "\(status)" : "\(status) \(code)"
    case .connection: "connection"
    case .interrupted: "interrupted"
    case .malformed: "malformed"
    case .cancelled: "cancelled"
    }
  }
}

extension PlatformError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .refused(let status, let code, let message, _):
      "the platform answered \(status)\(code.isEmpty ? "" : " \(code)"): \(message)"
    case .connection(let reason): "cannot connect to the platform: \(reason)"
    case .interrupted(let reason): "the call broke off, its outcome is unknown: \(reason)"
    case .malformed(let reason): "the platform's answer is not what its API promises: \(reason)"
    case .cancelled: "the call was cancelled"
    }
  }
}
