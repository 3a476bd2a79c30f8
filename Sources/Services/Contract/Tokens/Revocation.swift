/// One revocation, as it stands in Redis and is published.
package enum Revocation: Sendable, Equatable {
  /// One token. `expiresAt`, in seconds since 1970: after that (and the skew) it needs no memory.
  case token(TokenKind, id: String, expiresAt: Int64)
  /// All tokens of a person that were issued before a time, in milliseconds since 1970.
  case person(Int64, notBeforeMs: Int64)

  package var key: String {
    switch self {
    case .token(let kind, let id, _): RevocationKeys.token(kind, id)
    case .person(let id, _): RevocationKeys.person(id)
    }
  }

  /// What stands under the key.
  package var value: String {
    switch self {
    case .token: "1"
    case .person(_, let notBefore): String(notBefore)
    }
  }

  /// `access:{jti}:{exp}`, `refresh:{jti}:{exp}`, `user:{sub}:{not-before in ms}`
  package var message: String {
    switch self {
    case .token(let kind, let id, let expiresAt): "\(kind.rawValue):\(id):\(expiresAt)"
    case .person(let id, let notBefore): "user:\(id):\(notBefore)"
    }
  }

  /// Reads a message; nil for what is none.
  package init?(message: String) {
    let parts = message.split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count == 3, let time = Self.number(parts[2]) else { return nil }
    self.init(String(parts[0]), String(parts[1]), time)
  }

  /// Reads what was found under a key; nil for what is no revocation.
  /// - Parameter expiresAt: of the key, in seconds since 1970 (`EXPIRETIME`).
  package init?(key: String, value: String, expiresAt: Int64) {
    let parts = key.split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count == 3, parts[0] == "bl" else { return nil }
    let isPerson = parts[1] == "user"
    guard isPerson || value == "1", let time = isPerson ? Self.number(value) : expiresAt else { return nil }
    self.init(String(parts[1]), String(parts[2]), time)
  }

  private init?(_ word: String, _ id: String, _ time: Int64) {
    if word == "user", let person = Self.number(id), person > 0 {
      self = .person(person, notBeforeMs: time)
    } else if let kind = TokenKind(rawValue: word), TokenClaims.isIdentifier(id) {
      self = .token(kind, id: id, expiresAt: time)
    } else {
      return nil
    }
  }

  /// Digits only, as they are written.
  private static func number(_ text: some StringProtocol) -> Int64? {
    guard let number = Int64(text), number >= 0, String(number) == text else { return nil }
    return number
  }
}

extension TokenClaims {
  /// Whether a person's tokens of before `notBeforeMs` include this one.
  package func isIssued(before notBeforeMs: Int64) -> Bool { issuedAtMs < notBeforeMs }
}
