import Digests
import Testing

@Suite struct Base64URLTests {
  /// RFC 4648, section 10, without the padding; and RFC 7515, appendix C.
  @Test(arguments: [
    ("", ""), ("f", "Zg"), ("fo", "Zm8"), ("foo", "Zm9v"), ("foob", "Zm9vYg"), ("fooba", "Zm9vYmE"),
    ("foobar", "Zm9vYmFy"),
  ]) func ofKnownTexts(plain: String, encoded: String) {
    #expect(Base64URL.encoded(plain.utf8) == encoded)
    #expect(Base64URL.decoded(encoded.utf8) == Array(plain.utf8))
  }

  @Test func ofBytes() {
    #expect(Base64URL.encoded([3, 236, 255, 224, 193]) == "A-z_4ME")
    for count in 0...70 {
      let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 * 37 &+ count) }
      #expect(Base64URL.decoded(Base64URL.encoded(bytes).utf8) == bytes)
    }
  }

  /// Any bytes have one text only: `Zh` and `Zm9` have bits left over that are not 0.
  @Test(arguments: ["Zg==", "Zg=", "Z", "Zm9vY", "Zh", "Zm9", "Zm8=", "Z g", "Zg\n", "+z/4", "Zm9v\u{0}", "Zmé", "A.A"])
  func anythingElseIsRefused(text: String) {
    #expect(Base64URL.decoded(text.utf8) == nil)
  }
}
