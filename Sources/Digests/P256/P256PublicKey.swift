import CCrypto

/// A point of the curve P-256 (secp256r1), by which signatures of ECDSA with SHA-256 are checked (ES256 of RFC 7518).
///
/// `@unchecked`: the handle is not changed once it is made, and libcrypto lets many threads check by one.
package final class P256PublicKey: @unchecked Sendable {
  package static let coordinateBytes = 32
  package static let signatureBytes = 64
  /// What a SubjectPublicKeyInfo in DER begins with when it holds an uncompressed point of this curve (RFC 5480).
  static let prefix: [UInt8] = [
    0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x02, 0x01, 0x06, 0x08, 0x2A, 0x86, 0x48, 0xCE,
    0x3D, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00, 0x04,
  ]

  /// 32 bytes each, the highest first.
  package let x: [UInt8]
  package let y: [UInt8]
  private let handle: OpaquePointer

  /// Nil for what is no point of the curve.
  package init?(x: [UInt8], y: [UInt8]) {
    guard x.count == Self.coordinateBytes, y.count == Self.coordinateBytes else { return nil }
    let encoded = Self.prefix + x + y
    let handle = encoded.withUnsafeBufferPointer { bytes in
      var start = bytes.baseAddress
      return d2i_PUBKEY(nil, &start, bytes.count)
    }
    guard let handle else {
      ERR_clear_error()
      return nil
    }
    (self.x, self.y, self.handle) = (x, y, handle)
  }

  deinit { EVP_PKEY_free(handle) }

  /// Whether `signature`, r and s of 32 bytes each one after the other, is this key's of `message`.
  package func isValid(signature: [UInt8], of message: [UInt8]) -> Bool {
    // What libcrypto has against a signature stays in a list of the thread, where libcurl would find it.
    defer { ERR_clear_error() }
    guard let encoded = ECDSASignature.der(ofRaw: signature), let context = EVP_MD_CTX_new() else { return false }
    defer { EVP_MD_CTX_free(context) }
    guard EVP_DigestVerifyInit(context, nil, EVP_sha256(), nil, handle) == 1 else { return false }
    return EVP_DigestVerify(context, encoded, encoded.count, message, message.count) == 1
  }
}

extension P256PublicKey: Equatable {
  package static func == (left: P256PublicKey, right: P256PublicKey) -> Bool { left.x == right.x && left.y == right.y }
}
