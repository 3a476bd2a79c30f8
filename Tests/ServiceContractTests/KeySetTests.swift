import Digests
import JSON
import ServiceContract
import Testing

@Suite struct KeySetTests {
  /// RFC 7515, appendix A.3: the key, as a set, and what it signed.
  private static let set = """
    {"keys":[{"kty":"EC","crv":"P-256","kid":"a3","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
    "y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}]}
    """
  private static let signed =
    "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ"
  private static let signature =
    "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q"

  @Test func aKnownKeyAndSignature() throws {
    let key = try #require(try JSONWebKeySet(json: Array(Self.set.utf8)).key("a3")).publicKey
    let signature = try #require(Base64URL.decoded(Self.signature.utf8))
    #expect(key.isValid(signature: signature, of: Array(Self.signed.utf8)))
    #expect(!key.isValid(signature: signature, of: Array((Self.signed + "A").utf8)))
    // As RFC 7638 makes it, by another program: Python's hashlib over the four members.
    #expect(JSONWebKey(key).id == "oKIywvGUpTVTyxMQ3bwIIeQUudfr_CkLMjCE19ECD-U")
  }

  @Test func whatIsWrittenIsRead() throws {
    let set = JSONWebKeySet((0..<3).map { _ in JSONWebKey(P256PrivateKey().publicKey) })
    #expect(try JSONWebKeySet(json: Array(set.json.utf8)) == set)
    #expect(!set.json.contains("\"d\""))
    #expect(try JSONWebKeySet(json: Array(#"{"keys":[],"more":1}"#.utf8)).keys.isEmpty)
  }

  @Test func keysOfOtherKindsArePassedOver() throws {
    let others = """
      {"keys":[{"kty":"RSA","n":"AQAB","e":"AQAB","kid":"a3"},{"kty":"OKP","crv":"Ed25519","x":"AA"},
      {"kty":"EC","crv":"P-384","kid":"b"},{"kty":"EC","crv":"P-256","use":"enc","kid":"c"},
      {"kty":"EC","crv":"P-256","alg":"ECDH-ES","kid":"d"},{},
      """ + Self.set.dropFirst(#"{"keys":["#.utf8.count)
    #expect(try JSONWebKeySet(json: Array(others.utf8)).keys.map(\.id) == ["a3"])
  }

  private static func changed(_ old: String, _ new: String) -> String { set.replacing(old, with: new) }

  @Test func setsThatAreNone() {
    let key = Self.set.dropFirst(9).dropLast(2)
    let wrong: [(String, InvalidKeySet)] = [
      ("", .notASet), ("[]", .notASet), ("{}", .notASet), (#"{"keys":{}}"#, .notASet), (#"{"keys":[1]}"#, .notASet),
      (#"{"keys":[],"keys":[]}"#, .notASet), (Self.changed(#""kid":"a3","#, ""), .keyID),
      (Self.changed(#""a3""#, "3"), .keyID), (Self.changed(#""a3""#, #""""#), .keyID),
      (#"{"keys":[\#(key),\#(key)]}"#, .keyID), (Self.changed("f83O", "f83P"), .coordinates),
      (Self.changed("RVEU\"", "RVEU=\""), .coordinates), (Self.changed("f83O", "AAf83O"), .coordinates),
      (Self.changed("\"y\"", "\"z\""), .coordinates), (Self.changed("\"kty\"", "\"d\":\"AA\",\"kty\""), .secretKey),
      (#"{"keys":[{"kty":"oct","k":"AA"}]}"#, .secretKey),
      (#"{"keys":[\#((0..<17).map { _ in "{}" }.joined(separator: ","))]}"#, .notASet),
    ]
    for (text, problem) in wrong {
      #expect(throws: problem, "\(text)") { try JSONWebKeySet(json: Array(text.utf8)) }
    }
  }
}
