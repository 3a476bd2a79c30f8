import ServiceContract
import Synchronization

/// Signs tokens by the key whose turn it is, and checks those that come back.
package final class TokenIssuer: Sendable {
  /// No key signs yet: all wait for their turn.
  package struct NoKey: Error, CustomStringConvertible {
    package let description = "no key signs yet: each one in the file waits for its time"
  }

  private let state: Mutex<KeyRing>

  package init(_ ring: KeyRing) {
    state = Mutex(ring)
  }

  /// - Returns: whether its keys are others.
  @discardableResult
  package func replace(with ring: KeyRing) -> Bool {
    state.withLock { known in
      defer { known = ring }
      return known.keys.map(\.id) != ring.keys.map(\.id)
    }
  }

  /// - Parameter nowMs: milliseconds since 1970.
  package func published(at nowMs: Int64) -> JSONWebKeySet {
    state.withLock { $0 }.published(at: nowMs / 1000)
  }

  /// How long the key that signs has done so, in seconds; nil while none does.
  func signingAge(at nowMs: Int64) -> Int64? {
    state.withLock { $0 }.signing(at: nowMs / 1000).map { nowMs / 1000 - $0.signsFrom }
  }

  func verify(_ token: String, as kind: TokenKind, at nowMs: Int64) throws(TokenProblem) -> TokenClaims {
    try TokenVerifier(keys: published(at: nowMs)).verify(token, as: kind, now: nowMs / 1000)
  }

  /// The tokens of a pair whose ids are known.
  func sign(_ pair: SessionPair, at nowMs: Int64) throws(NoKey) -> TokenPair {
    guard let key = state.withLock({ $0 }).signing(at: nowMs / 1000) else { throw NoKey() }
    let signer = TokenSigner(key.key)
    return TokenPair(
      access: signer.sign(pair.claims(.access), as: .access), refresh: signer.sign(pair.claims(.refresh), as: .refresh),
      refreshExpiresAt: pair.expiresAt(.refresh))
  }
}

/// What a client gets.
struct TokenPair: Sendable {
  let access: String
  let refresh: String
  /// Seconds since 1970.
  let refreshExpiresAt: Int64
}
