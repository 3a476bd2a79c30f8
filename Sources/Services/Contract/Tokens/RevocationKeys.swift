/// What auth and the gateway keep in Redis of revoked tokens; the names are here only.
package enum RevocationKeys {
  /// Before the names of all revocations, for `SCAN … MATCH`.
  package static let pattern = "bl:*"
  /// Holds the time, in milliseconds since 1970, before which every token issued is refused. Set by whoever finds it gone,
  /// which is when Redis has been emptied, and with it all that was revoked.
  package static let marker = "sessions:since"
  /// Where revocations are published, as ``Revocation/message``.
  package static let channel = "revocations"
  /// How long the not-before time of a person is kept: longer than any token issued before it is good.
  package static let personSeconds = TokenKind.refresh.lifetimeSeconds + 2 * TokenVerifier.skewSeconds

  package static func token(_ kind: TokenKind, _ id: String) -> String { "bl:\(kind.rawValue):\(id)" }
  package static func person(_ id: Int64) -> String { "bl:user:\(id)" }
}
