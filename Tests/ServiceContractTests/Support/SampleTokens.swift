import Digests
import JSON
import ServiceContract

/// Tokens as an issuer makes them, and as somebody would who means no good.
struct SampleTokens {
  static let now: Int64 = 1_793_491_200
  static let claims = TokenClaims(
    subject: 42, isManager: false, tokenID: "5kxQ0-_a", familyID: "fam1", issuedAtMs: now * 1000 + 123,
    expiresAt: now + 900)

  let key = P256PrivateKey()
  var signer: TokenSigner { TokenSigner(key) }
  var verifier: TokenVerifier { TokenVerifier(keys: JSONWebKeySet([JSONWebKey(key.publicKey)])) }

  func problem(_ token: String, as kind: TokenKind = .access, now: Int64 = Self.now) -> TokenProblem? {
    do {
      _ = try verifier.verify(token, as: kind, now: now)
      return nil
    } catch { return error }
  }

  /// Rightly signed, whatever it says.
  /// - Parameter changes: laid over the members of a good token's header and payload; nil takes one out.
  func token(header: [String: JSONValue?] = [:], claims: [String: JSONValue?] = [:]) -> String {
    let parts = signer.sign(Self.claims, as: .access).split(separator: ".")
    return sign(Self.changed(parts[0], header).text, Self.changed(parts[1], claims).text)
  }

  /// Any two texts as a token.
  func sign(_ header: String, _ payload: String) -> String {
    let signed = "\(Base64URL.encoded(header.utf8)).\(Base64URL.encoded(payload.utf8))"
    return "\(signed).\(Base64URL.encoded(key.signature(of: Array(signed.utf8))))"
  }

  private static func changed(_ part: Substring, _ changes: [String: JSONValue?]) -> JSONValue {
    guard let bytes = Base64URL.decoded(part.utf8), case .object(var members)? = try? JSONParser.parse(bytes) else {
      return .null
    }
    members.removeAll { changes[$0.name] != nil }
    for (name, value) in changes { if let value { members.append(.init(name, value)) } }
    return .object(members)
  }
}
