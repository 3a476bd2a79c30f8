import Digests
import JSON
import ServiceContract
import Testing

@Suite struct TokenTests {
  private let tokens = SampleTokens()
  private static let now = SampleTokens.now

  @Test func whatWasSignedIsRead() throws {
    for kind in TokenKind.allCases {
      let token = tokens.signer.sign(SampleTokens.claims, as: kind)
      #expect(try tokens.verifier.verify(token, as: kind, now: Self.now) == SampleTokens.claims)
      #expect(token.utf8.count < 500, "\(token.utf8.count)")
    }
    let manager = TokenClaims(
      subject: .max, isManager: true, tokenID: String(repeating: "z", count: 64), familyID: "A",
      issuedAtMs: Self.now * 1000, expiresAt: Self.now + 1)
    let token = tokens.signer.sign(manager, as: .access)
    #expect(try tokens.verifier.verify(token, as: .access, now: Self.now) == manager)
  }

  @Test func oneKindIsNotTakenForTheOther() {
    #expect(tokens.problem(tokens.signer.sign(SampleTokens.claims, as: .refresh), as: .access) == .kind)
    #expect(tokens.problem(tokens.signer.sign(SampleTokens.claims, as: .access), as: .refresh) == .kind)
    for type in ["JWT", "jwt", "AT+JWT", "application/at+jwt", ""] {
      #expect(tokens.problem(tokens.token(header: ["typ": .string(type)])) == .kind)
    }
    #expect(tokens.problem(tokens.token(header: ["typ": nil])) == .kind)
  }

  @Test(arguments: ["none", "None", "HS256", "RS256", "ES384", "es256", "PS256", "EdDSA", ""])
  func onlyES256(algorithm: String) {
    #expect(tokens.problem(tokens.token(header: ["alg": .string(algorithm)])) == .algorithm)
  }

  /// `none` without a signature; and HMAC keyed with what everybody knows, the published key.
  @Test func confusionOfAlgorithms() {
    let id = tokens.signer.keyID
    let payload = String(tokens.signer.sign(SampleTokens.claims, as: .access).split(separator: ".")[1])
    for algorithm in ["none", "HS256"] {
      let header = Base64URL.encoded(#"{"alg":"\#(algorithm)","kid":"\#(id)","typ":"at+jwt"}"#.utf8)
      #expect(tokens.problem("\(header).\(payload).") == .algorithm)
      for secret in [tokens.key.publicKey.x + tokens.key.publicKey.y, Array(tokens.verifier.keys.json.utf8), []] {
        let code = Digest.hmacSHA256(of: Array("\(header).\(payload)".utf8), key: secret)
        #expect(tokens.problem("\(header).\(payload).\(Base64URL.encoded(code))") == .algorithm)
      }
    }
    // The right algorithm in the header, and no signature or that of an HMAC.
    let header = Base64URL.encoded(#"{"alg":"ES256","kid":"\#(id)","typ":"at+jwt"}"#.utf8)
    let code = Digest.hmacSHA256(of: Array("\(header).\(payload)".utf8), key: tokens.key.publicKey.x)
    #expect(tokens.problem("\(header).\(payload).") == .signature)
    #expect(tokens.problem("\(header).\(payload).\(Base64URL.encoded(code))") == .signature)
    #expect(tokens.problem("\(header).\(payload).\(Base64URL.encoded(code + code))") == .signature)
  }

  /// A key that the token brings along, or says where to find, is not looked at.
  @Test(arguments: ["jku", "jwk", "x5u", "x5c", "x5t", "x5t#S256", "crit", "b64", "zip", "cty", "anything"])
  func nothingElseInTheHeader(name: String) throws {
    let other = SampleTokens()
    let jwk = try JSONParser.parse(Array(JSONWebKeySet([JSONWebKey(other.key.publicKey)]).json.utf8))
    #expect(other.problem(other.token(header: [name: jwk])) == .header)
    #expect(tokens.problem(other.token(header: [name: jwk, "kid": .string(tokens.signer.keyID)])) == .header)
    #expect(tokens.problem(tokens.token(header: [name: .null])) == .header)
  }

  @Test func anUnknownOrWrongKey() {
    #expect(tokens.problem(SampleTokens().token()) == .unknownKey)
    for id in [JSONValue.string(""), .string(tokens.signer.keyID + " "), .number("0"), .null, .array([])] {
      #expect(tokens.problem(tokens.token(header: ["kid": id])) == .unknownKey)
    }
    #expect(tokens.problem(tokens.token(header: ["kid": nil])) == .unknownKey)
    // Signed by one key under the name of another.
    #expect(tokens.problem(SampleTokens().token(header: ["kid": .string(tokens.signer.keyID)])) == .signature)
  }

  @Test func anIssuerAndAnAudience() {
    for wrong in [JSONValue.string("kartoteka"), .string("Kartoteka-auth"), .null, .array([.string("kartoteka-auth")])]
    {
      #expect(tokens.problem(tokens.token(claims: ["iss": wrong])) == .issuer)
    }
    #expect(tokens.problem(tokens.token(claims: ["iss": nil])) == .issuer)
    for wrong in [JSONValue.string("kartoteka-auth"), .null, .array([.string("kartoteka"), .string("others")])] {
      #expect(tokens.problem(tokens.token(claims: ["aud": wrong])) == .audience)
    }
    #expect(tokens.problem(tokens.token(claims: ["aud": nil])) == .audience)
  }

  @Test func itsTime() {
    let token = tokens.token()
    let end = SampleTokens.claims.expiresAt
    #expect(tokens.problem(token, now: end + 29) == nil)
    #expect(tokens.problem(token, now: end + 30) == .expired)
    #expect(tokens.problem(token, now: Self.now - 29) == nil)
    #expect(tokens.problem(token, now: Self.now - 30) == .notYetValid)
    #expect(tokens.problem(token, now: 0) == .notYetValid)
    let later = tokens.token(claims: ["nbf": .integer(Self.now + 31)])
    #expect(tokens.problem(later) == .notYetValid && tokens.problem(later, now: Self.now + 1) == nil)
    #expect(tokens.problem(tokens.token(claims: ["nbf": .string("soon")])) == .claims)
    // One that would outlive what is remembered of revocations.
    #expect(tokens.problem(tokens.token(claims: ["exp": .integer(Self.now + 901)])) == .claims)
    #expect(tokens.problem(tokens.token(claims: ["exp": .number("99999999999")])) == .claims)
  }

  @Test func malformedClaims() {
    let wrong: [(String, [JSONValue?])] = [
      (
        "sub",
        [
          nil, .number("42"), .string("0"), .string("-1"), .string("042"), .string("+42"), .string(" 42"),
          .string("9223372036854775808"), .string("４２"),
        ]
      ),
      ("isman", [nil, .number("1"), .string("true"), .null]),
      ("jti", [nil, .string(""), .string("a:b"), .string("a b"), .string(String(repeating: "a", count: 65)), .null]),
      ("sid", [nil, .string("*"), .number("1")]),
      ("iat", [nil, .string("1793491200"), .number("-1"), .number("1e9"), .number("123456789012"), .null]),
      ("exp", [nil, .string("1793492100"), .number("1.7934921e9"), .bool(true), .array([])]),
    ]
    for (name, values) in wrong {
      for value in values {
        #expect(tokens.problem(tokens.token(claims: [name: value])) == .claims, "\(name): \(value?.text ?? "-")")
      }
    }
    for payload in ["", "42", "[]", "null", "{", #"{"iss":"kartoteka-auth","iss":"kartoteka-auth"}"#, "\u{FEFF}{}"] {
      let header = #"{"alg":"ES256","kid":"\#(tokens.signer.keyID)","typ":"at+jwt"}"#
      #expect(tokens.problem(tokens.sign(header, payload)) == .malformed, "\(payload)")
    }
  }

  /// A reader that takes the first of two names and one that takes the last would see two tokens.
  @Test func namesThatOccurTwice() {
    let payload = #"{"iss":"kartoteka-auth","aud":"kartoteka","sub":"1","sub":"2"}"#
    let id = tokens.signer.keyID
    #expect(tokens.problem(tokens.sign(#"{"alg":"ES256","kid":"\#(id)","typ":"at+jwt"}"#, payload)) == .malformed)
    for header in [
      #"{"alg":"none","alg":"ES256","kid":"\#(id)","typ":"at+jwt"}"#,
      #"{"alg":"ES256","kid":"\#(id)","typ":"rt+jwt","t\u0079p":"at+jwt"}"#,
    ] { #expect(tokens.problem(tokens.sign(header, "{}")) == .malformed) }
  }

  @Test func otherForms() {
    let token = tokens.token()
    let parts = token.split(separator: ".").map(String.init)
    let wrong = [
      "", ".", "..", "...", "a.b", parts[0] + "." + parts[1], token + ".", "." + token, token + "=", token + " ",
      " " + token, "\n" + token, "Bearer " + token, token.uppercased(), token + "." + parts[2],
      ".." + parts[2], "\(parts[0])=.\(parts[1]).\(parts[2])", "\(parts[0]).\(parts[1])==.\(parts[2])",
      token.replacing("-", with: "+").replacing("_", with: "/") + "+", "\(parts[0]).\(parts[1])\u{0}.\(parts[2])",
      String(repeating: "A", count: 1 << 20), token + String(repeating: "A", count: 2048),
      String(repeating: ".", count: 2000), String(repeating: "é", count: 100),
    ]
    for text in wrong { #expect(tokens.problem(text) == .malformed, "\(text.prefix(80))") }
  }

  /// Base64 whose last digit has bits left over would let one signature have several texts.
  @Test func aTokenHasOneText() {
    let token = tokens.token()
    let alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    for digit in alphabet where digit != token.last {
      #expect(tokens.problem(token.dropLast() + String(digit)) != nil)
    }
  }

  @Test func everyByteIsSigned() {
    let token = Array(tokens.token().utf8)
    for index in token.indices where token[index] != UInt8(ascii: ".") {
      var changed = token
      changed[index] = token[index] == UInt8(ascii: "A") ? UInt8(ascii: "B") : UInt8(ascii: "A")
      #expect(tokens.problem(String(decoding: changed, as: UTF8.self)) != nil, "byte \(index)")
    }
  }

  @Test func signaturesOfAnotherForm() throws {
    let parts = tokens.token().split(separator: ".")
    let raw = try #require(Base64URL.decoded(parts[2].utf8))
    let (r, s) = (Array(raw.prefix(32)), Array(raw.suffix(32)))
    let zero = [UInt8](repeating: 0, count: 32)
    let der = [0x30, 0x46, 0x02, 0x21, 0x00] + r + [0x02, 0x21, 0x00] + s
    for signature in [der, zero + s, r + zero, zero + zero, s + r, raw + [0], raw.dropLast(), []] {
      #expect(tokens.problem("\(parts[0]).\(parts[1]).\(Base64URL.encoded(signature))") == .signature)
    }
  }

  @Test func problemsSayNothingOfTheToken() {
    for problem in TokenProblem.allCases {
      #expect(problem.description.hasPrefix("th") && !"\(problem)".contains("eyJ"))
    }
  }
}
