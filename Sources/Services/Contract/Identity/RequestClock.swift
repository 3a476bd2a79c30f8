import Digests
import Foundation
import HTTPService
import HTTPTypes
import Settings

/// What time a request happens at: that of the wall clock; or, on the local platform, the one that whoever replays a history
/// gives, who must know the services' secret for that.
package struct RequestClock: Sendable {
  private let secret: Secret
  private let isLocal: Bool
  private let wallClock: @Sendable () -> Int64

  /// - Parameters:
  ///   - isLocal: whether a simulated time is believed at all.
  ///   - wallClock: milliseconds since the Unix epoch.
  package init(_ secrets: TrustSecrets, isLocal: Bool, wallClock: @escaping @Sendable () -> Int64 = Self.wallClock) {
    secret = secrets.service
    self.isLocal = isLocal
    self.wallClock = wallClock
  }

  package static let wallClock: @Sendable () -> Int64 = { Int64(Date().timeIntervalSince1970 * 1000) }

  /// Milliseconds since the Unix epoch.
  /// - Throws: 400 for a simulated time elsewhere than on the local platform, or one that is not what ``header(_:)`` writes.
  func now(_ headers: HTTPFields) throws(RequestFailure) -> Int64 {
    guard let text = headers[.simulatedTime] else { return wallClock() }
    guard isLocal else { throw Self.refused.failure("X-Simulated-Time is for the local platform only.") }
    let digits = text.prefix { $0 != ";" }
    guard let time = Int64(digits), (1...9_999_999_999_999).contains(time), String(time) == digits,
      Secret(header(time)).matches(text)
    else { throw Self.refused.failure() }
    return time
  }

  /// The header's value for a time: the milliseconds, `;`, and their HMAC-SHA256 under the services' secret in hexadecimal.
  package func header(_ milliseconds: Int64) -> String {
    let sum = Digest.hmacSHA256(of: Array("\(milliseconds)".utf8), key: Array(secret.revealed.utf8))
    return "\(milliseconds);\(sum.hexadecimal)"
  }

  static let refused = FailureDeclaration(
    .badRequest, "SIMULATED_TIME_REFUSED", "X-Simulated-Time must be milliseconds and their sum under the right secret."
  )
}

extension HTTPField.Name {
  package static let simulatedTime = HTTPField.Name("X-Simulated-Time")!
}
