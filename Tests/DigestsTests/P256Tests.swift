import Digests
import Testing

@Suite struct P256Tests {
  private static func bytes(_ hexadecimal: String) -> [UInt8] {
    stride(from: 0, to: hexadecimal.count, by: 2).map { start in
      let digits = hexadecimal.dropFirst(start).prefix(2)
      return UInt8(digits, radix: 16) ?? 0
    }
  }

  /// RFC 6979, appendix A.2.5, of the message “sample”.
  private static let x = bytes("60fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6")
  private static let y = bytes("7903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299")
  private static let r = bytes("efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716")
  private static let s = bytes("f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8")
  private static let order = bytes("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551")
  private static let sample = Array("sample".utf8)

  @Test func aKnownSignature() throws {
    let key = try #require(P256PublicKey(x: Self.x, y: Self.y))
    #expect(key.isValid(signature: Self.r + Self.s, of: Self.sample))
    #expect(!key.isValid(signature: Self.r + Self.s, of: Array("Sample".utf8)))
    #expect(!key.isValid(signature: Self.s + Self.r, of: Self.sample))
    #expect(!key.isValid(signature: Self.r + Self.s, of: []))
  }

  @Test func signaturesThatAreNone() throws {
    let key = try #require(P256PublicKey(x: Self.x, y: Self.y))
    let zero = [UInt8](repeating: 0, count: 32)
    let hostile: [[UInt8]] = [
      [], Self.r, Self.r + Self.s + [0], [0] + Self.r + Self.s, zero + Self.s, Self.r + zero, zero + zero,
      Self.order + Self.s, Self.r + Self.order, [UInt8](repeating: 0xFF, count: 64),
      // The same in DER, as libraries give it.
      [0x30, 0x46, 0x02, 0x21, 0x00] + Self.r + [0x02, 0x21, 0x00] + Self.s,
      Array(([0x30, 0x3E, 0x02, 0x1D] + Self.r + Self.s).prefix(64)),
    ]
    for signature in hostile { #expect(!key.isValid(signature: signature, of: Self.sample), "\(signature)") }
    for index in 0..<64 {
      var signature = Self.r + Self.s
      signature[index] ^= 1
      #expect(!key.isValid(signature: signature, of: Self.sample), "byte \(index)")
    }
  }

  @Test func pointsThatAreNone() {
    let zero = [UInt8](repeating: 0, count: 32)
    let prime = Self.bytes("ffffffff00000001000000000000000000000000ffffffffffffffffffffffff")
    for (x, y) in [
      (zero, zero), (Self.y, Self.x), (Self.x, Self.x), (Array(Self.x.dropLast()), Self.y), (Self.x, Self.y + [0]),
      ([], []), (prime, Self.y), ([0] + Self.x, Array(Self.y.dropLast())),
    ] { #expect(P256PublicKey(x: x, y: y) == nil) }
  }

  @Test func aNewKeySigns() throws {
    let (key, other) = (P256PrivateKey(), P256PrivateKey())
    #expect(key.publicKey != other.publicKey)
    for count in [0, 1, 63, 64, 1000] {
      let message = [UInt8](repeating: 7, count: count)
      let signature = key.signature(of: message)
      #expect(signature.count == 64 && key.publicKey.isValid(signature: signature, of: message))
      #expect(!other.publicKey.isValid(signature: signature, of: message))
    }
    // r or s below 2^248, in which DER leaves bytes out, are one signature in 128.
    for count in 0..<1500 {
      let message = [UInt8(truncatingIfNeeded: count), UInt8(truncatingIfNeeded: count >> 8)]
      #expect(key.publicKey.isValid(signature: key.signature(of: message), of: message))
    }
  }

  @Test func aKeyInPEM() throws {
    for pem in [SampleKeys.sec1, SampleKeys.pkcs8] {
      let key = try P256PrivateKey(pem: pem)
      #expect((key.publicKey.x + key.publicKey.y).hexadecimal == SampleKeys.point)
      #expect(key.pem == SampleKeys.pkcs8 + "\n")
      let again = try P256PrivateKey(pem: key.pem)
      #expect(again.publicKey.isValid(signature: key.signature(of: Self.sample), of: Self.sample))
      #expect("\(key)" == "P-256 private key" && !String(reflecting: key).contains("BEGIN"))
    }
  }

  @Test(arguments: [
    "", "no key", SampleKeys.encrypted, SampleKeys.publicKey, String(SampleKeys.pkcs8.dropLast(40)), SampleKeys.p384,
    SampleKeys.ed25519, SampleKeys.withAnotherPublicKey,
  ]) func otherPEMIsRefused(pem: String) {
    #expect(throws: P256PrivateKey.Problem.self) { try P256PrivateKey(pem: pem) }
  }
}
