import Digests
import JSON

/// Signs tokens, as ``TokenVerifier`` wants them.
package struct TokenSigner: Sendable {
  package let keyID: String
  private let key: P256PrivateKey
  private let issuer: String

  package init(issuer: String = TokenVerifier.issuer, _ key: P256PrivateKey) {
    self.issuer = issuer
    self.key = key
    keyID = JSONWebKey(key.publicKey).id
  }

  package func sign(_ claims: TokenClaims, as kind: TokenKind) -> String {
    CompactSignature.text(
      .members([("alg", .string("ES256")), ("kid", .string(keyID)), ("typ", .string(kind.type))]),
      claims.json(issuer: issuer, audience: TokenVerifier.audience), key: key)
  }
}
