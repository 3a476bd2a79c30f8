import Digests
import JSON

/// Decides whether a token is believed: by its form, its signature, and what it says of itself. Whether it has been revoked is
/// another question.
///
/// Header: `{"alg":"ES256","kid":…,"typ":"at+jwt"|"rt+jwt"}`, these three and nothing else. Nothing the token says decides how
/// it is checked: the algorithm is ES256, and the key is one of ours.
package struct TokenVerifier: Sendable {
  package static let issuer = "kartoteka-auth"
  package static let audience = "kartoteka"
  /// By how much clocks may differ.
  package static let skewSeconds: Int64 = 30
  /// Ours have some 450.
  package static let limitBytes = 2048

  package let keys: JSONWebKeySet
  private let issuer: String

  package init(issuer: String = Self.issuer, keys: JSONWebKeySet) {
    self.issuer = issuer
    self.keys = keys
  }

  /// - Parameter now: seconds since 1970.
  package func verify(
    _ compact: String, as kind: TokenKind, now: Int64
  ) throws(TokenProblem) -> TokenClaims {
    let token = try CompactSignature(compact, limitBytes: Self.limitBytes)
    let key = try key(token.header, kind)
    guard key.publicKey.isValid(signature: token.signature, of: token.signed) else { throw .signature }
    let json = try CompactSignature.object(token.payload)
    guard json["iss"] == .string(issuer) else { throw .issuer }
    guard json["aud"] == .string(Self.audience) else { throw .audience }
    let claims = try TokenClaims(json)
    let start = try Self.start(json, claims)
    guard claims.expiresAt * 1000 <= claims.issuedAtMs + kind.lifetimeSeconds * 1000 else { throw .claims }
    guard now < claims.expiresAt + Self.skewSeconds else { throw .expired }
    guard (now + Self.skewSeconds) * 1000 >= start else { throw .notYetValid }
    return claims
  }

  private func key(_ header: JSONValue, _ kind: TokenKind) throws(TokenProblem) -> JSONWebKey {
    guard header["alg"] == .string("ES256") else { throw .algorithm }
    guard case .object(let members) = header, members.allSatisfy({ ["alg", "kid", "typ"].contains($0.name) }) else {
      throw .header
    }
    guard header["typ"] == .string(kind.type) else { throw .kind }
    guard case .string(let id)? = header["kid"], let key = keys.key(id) else { throw .unknownKey }
    return key
  }

  /// From when on it is good, in milliseconds. Ours say no `nbf`; one that is there holds.
  private static func start(_ json: JSONValue, _ claims: TokenClaims) throws(TokenProblem) -> Int64 {
    guard let value = json["nbf"] else { return claims.issuedAtMs }
    guard let notBefore = TokenClaims.milliseconds(value) else { throw .claims }
    return max(claims.issuedAtMs, notBefore)
  }
}
