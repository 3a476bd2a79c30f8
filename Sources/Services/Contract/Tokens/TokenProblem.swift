/// Why a token is not believed. No text of it holds anything of the token.
package enum TokenProblem: Error, Sendable, Equatable, CaseIterable {
  /// No compact JWS as RFC 7515 has it, or longer than any of ours.
  case malformed
  /// `alg` is not ES256.
  case algorithm
  /// The header holds more than `alg`, `kid` and `typ`: a key of its own, or where to fetch one.
  case header
  /// An access token where a refresh token belongs, or the other way round, or neither.
  case kind
  /// No key of that `kid` is known; there may be one by now, where the keys are published.
  case unknownKey
  case signature
  case issuer
  case audience
  /// A claim is missing or malformed.
  case claims
  case expired
  case notYetValid
}

extension TokenProblem: CustomStringConvertible {
  package var description: String {
    switch self {
    case .malformed: "this is no token"
    case .algorithm: "the token is not signed by ES256"
    case .header: "the token's header holds more than it may"
    case .kind: "this is another kind of token"
    case .unknownKey: "the token is signed by a key that is not known"
    case .signature: "the token's signature is not right"
    case .issuer: "the token is not of this platform's issuer"
    case .audience: "the token is not for this platform"
    case .claims: "the token does not say what it must"
    case .expired: "the token has expired"
    case .notYetValid: "the token is not valid yet"
    }
  }
}
