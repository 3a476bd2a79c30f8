import Digests

/// What a person is signed in by: a pair of tokens, and what the access token says of itself. That is believed, not verified:
/// the platform checks what is sent to it.
package struct PlatformTokens: Sendable, CustomStringConvertible, CustomReflectable {
  package let access: String
  package let refresh: String
  /// Whose they are.
  package let personID: Int64
  /// When the access token ends, in seconds since 1970.
  package let expiresAt: Int64

  /// Reads `{access, refresh}`.
  init(_ answer: AnswerValue) throws(PlatformError) {
    access = try answer.member("access").text()
    refresh = try answer.member("refresh").text()
    let parts = access.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count == 3, let bytes = Base64URL.decoded(parts[1].utf8) else {
      throw .malformed("access is no compact token")
    }
    let claims = try AnswerValue(bytes)
    guard let id = Int64(try claims.member("sub").text()), id > 0 else { throw .malformed("sub is no person's id") }
    personID = id
    expiresAt = try claims.member("exp").integer()
  }

  /// Whether to refresh them before the next call.
  /// - Parameter now: seconds since 1970.
  package func isStale(at now: Int64) -> Bool { now >= expiresAt - 60 }

  /// Without the tokens, so that no log can leak them.
  package var description: String { "the tokens of person \(personID)" }
  package var customMirror: Mirror { Mirror(self, children: ["personID": personID, "expiresAt": expiresAt]) }
}
