import HTTPService
import HTTPTypes

/// Until when a request must be answered.
package struct RequestDeadline: Sendable {
  /// The longest this service takes for a request, from its arrival.
  package let longest: Duration
  private let wallClock: @Sendable () -> Int64

  /// - Parameter wallClock: milliseconds since the Unix epoch, as the gateway counts them.
  package init(longest: Duration, wallClock: @escaping @Sendable () -> Int64 = RequestClock.wallClock) {
    self.longest = longest
    self.wallClock = wallClock
  }

  /// The gateway's deadline where it is sooner than the service's own.
  /// - Parameters:
  ///   - arrival: when the request's head came.
  ///   - isVouchedFor: whether the header is believed; a stranger's is not looked at.
  /// - Throws: 400 when it cannot be read, 504 when it has passed.
  package func instant(
    _ headers: HTTPFields, arrival: ContinuousClock.Instant, now: ContinuousClock.Instant, isVouchedFor: Bool
  ) throws(RequestFailure) -> ContinuousClock.Instant {
    let own = arrival + longest
    guard isVouchedFor, let text = headers[.requestDeadline] else { return own }
    guard (1...15).contains(text.utf8.count), text.utf8.allSatisfy({ (48...57).contains($0) }),
      let milliseconds = Int64(text)
    else { throw Self.malformed.failure() }
    let left = milliseconds - wallClock()
    guard left > 0 else { throw Self.exceeded.failure() }
    return min(own, now + .milliseconds(left))
  }

  static let malformed = FailureDeclaration(
    .badRequest, "MALFORMED_DEADLINE", "X-Request-Deadline must be milliseconds since the Unix epoch.")
  package static let exceeded = FailureDeclaration(
    .gatewayTimeout, "DEADLINE_EXCEEDED", "There is no time left to answer this request.")
}

extension HTTPField.Name {
  package static let requestDeadline = HTTPField.Name("X-Request-Deadline")!
}
