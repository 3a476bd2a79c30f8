import Digests
import ServiceContract

/// What the two tokens of a pair say. From it they can be signed again: the store keeps this, and no token.
struct SessionPair: Sendable, Equatable {
  let person: Int64
  let isManager: Bool
  let sessionID: String
  let accessID: String
  let refreshID: String
  /// Milliseconds since 1970.
  let issuedAtMs: Int64

  /// Seconds since 1970.
  func expiresAt(_ kind: TokenKind) -> Int64 { issuedAtMs / 1000 + kind.lifetimeSeconds }

  func claims(_ kind: TokenKind) -> TokenClaims {
    TokenClaims(
      subject: person, isManager: isManager, tokenID: kind == .access ? accessID : refreshID, familyID: sessionID,
      issuedAtMs: issuedAtMs, expiresAt: expiresAt(kind))
  }

  /// 128 random bits.
  static func newID() -> String {
    var source = SystemRandomNumberGenerator()
    return Base64URL.encoded((0..<16).map { _ in UInt8.random(in: .min ... .max, using: &source) })
  }
}
