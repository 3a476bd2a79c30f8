import JSON

/// What a token says, beside issuer and audience.
package struct TokenClaims: Sendable, Equatable {
  /// `sub`: the person's id.
  package let subject: Int64
  /// `isman`
  package let isManager: Bool
  /// `jti`: letters, digits, `-` and `_`.
  package let tokenID: String
  /// `sid`: the session, which is the family of refresh tokens that follow one login. Written as `jti` is.
  package let familyID: String
  /// `iat`, in milliseconds since 1970: on the wire seconds with three decimals. “Log out everywhere” and the new pair of who
  /// asked for it lie within one second.
  package let issuedAtMs: Int64
  /// `exp`, in seconds since 1970.
  package let expiresAt: Int64

  package init(
    subject: Int64, isManager: Bool, tokenID: String, familyID: String, issuedAtMs: Int64, expiresAt: Int64
  ) {
    self.subject = subject
    self.isManager = isManager
    self.tokenID = tokenID
    self.familyID = familyID
    self.issuedAtMs = issuedAtMs
    self.expiresAt = expiresAt
  }

  /// - Throws: `.claims` when one is missing or malformed.
  init(_ json: JSONValue) throws(TokenProblem) {
    guard case .string(let subject)? = json["sub"], let id = Int64(subject), id > 0, String(id) == subject,
      case .bool(let isManager)? = json["isman"],
      case .string(let tokenID)? = json["jti"], Self.isIdentifier(tokenID),
      case .string(let familyID)? = json["sid"], Self.isIdentifier(familyID),
      let issuedAt = Self.milliseconds(json["iat"]), let expiry = Self.milliseconds(json["exp"])
    else { throw .claims }
    self.init(
      subject: id, isManager: isManager, tokenID: tokenID, familyID: familyID, issuedAtMs: issuedAt,
      expiresAt: expiry / 1000)
  }

  func json(issuer: String, audience: String) -> JSONValue {
    let (seconds, rest) = issuedAtMs.quotientAndRemainder(dividingBy: 1000)
    let decimals = String(String(1000 + rest).dropFirst())
    return .members([
      ("iss", .string(issuer)), ("aud", .string(audience)), ("sub", .string(String(subject))),
      ("isman", .bool(isManager)), ("jti", .string(tokenID)), ("sid", .string(familyID)),
      ("iat", .number("\(seconds).\(decimals)")), ("exp", .integer(expiresAt)),
    ])
  }

  /// Goes into keys and messages of Redis.
  package static func isIdentifier(_ text: String) -> Bool {
    (1...64).contains(text.utf8.count)
      && text.utf8.allSatisfy { byte in
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
          UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
          true
        default: false
        }
      }
  }

  /// A NumericDate of RFC 7519 without sign or exponent, of which no more than three decimals count.
  static func milliseconds(_ value: JSONValue?) -> Int64? {
    guard case .number(let text)? = value else { return nil }
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count <= 2, (1...11).contains(parts[0].utf8.count), let seconds = UInt64(parts[0]) else { return nil }
    let decimals = parts.count == 2 ? parts[1] : "0"
    guard decimals.utf8.allSatisfy({ (48...57).contains($0) }),
      let thousandths = Int64((decimals + "00").prefix(3))
    else { return nil }
    return Int64(seconds) * 1000 + thousandths
  }
}
