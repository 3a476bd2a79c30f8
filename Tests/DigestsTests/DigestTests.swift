import Digests
import Testing

/// The published examples: RFC 1321, FIPS 180-4's, RFC 4231.
@Suite struct DigestTests {
  @Test func ofKnownMessages() {
    let abc = Array("abc".utf8)
    #expect(Digest.md5.hexadecimal(of: abc) == "900150983cd24fb0d6963f7d28e17f72")
    #expect(Digest.sha1.hexadecimal(of: abc) == "a9993e364706816aba3e25717850c26c9cd0d89d")
    #expect(
      Digest.sha256.hexadecimal(of: abc) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
  }

  @Test func ofNothing() {
    #expect(Digest.md5.hexadecimal(of: []) == "d41d8cd98f00b204e9800998ecf8427e")
    #expect(
      Digest.sha256.hexadecimal(of: []) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
    #expect(
      Digest.hmacSHA256(of: [], key: []).hexadecimal
        == "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad")
  }

  @Test func messageCodes() {
    let code = Digest.hmacSHA256(of: Array("what do ya want for nothing?".utf8), key: Array("Jefe".utf8))
    #expect(code.hexadecimal == "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843")
    let long = Digest.hmacSHA256(
      of: Array("Test Using Larger Than Block-Size Key - Hash Key First".utf8),
      key: [UInt8](repeating: 0xaa, count: 131))
    #expect(long.hexadecimal == "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54")
  }
}
