import CCrypto

/// The secret half of a ``P256PublicKey``, which signs. No textual form of it but ``pem`` shows it.
///
/// `@unchecked`: the handle is not changed once it is made, and libcrypto lets many threads sign by one.
package final class P256PrivateKey: @unchecked Sendable, CustomStringConvertible, CustomReflectable {
  /// Why text is no key that can be used. Never repeats it.
  package enum Problem: Error, Sendable, CustomStringConvertible {
    /// No private key in PEM, or one that a password protects.
    case unreadable
    /// A private key of another kind or curve.
    case anotherCurve
    /// A public key stands beside it that is not its own.
    case anotherPublicKey

    package var description: String {
      switch self {
      case .unreadable: "this is no private key in PEM without a password"
      case .anotherCurve: "this private key is not of the curve P-256"
      case .anotherPublicKey: "this private key and the public key beside it do not belong together"
      }
    }
  }

  package let publicKey: P256PublicKey
  private let handle: OpaquePointer

  /// A new one.
  package init() {
    guard let handle = kt_generate_p256(), let publicKey = Self.publicKey(of: handle) else {
      preconditionFailure("libcrypto makes no key of P-256")
    }
    (self.handle, self.publicKey) = (handle, publicKey)
  }

  /// Reads PKCS#8 or SEC 1 in PEM.
  package init(pem: String) throws(Problem) {
    defer { ERR_clear_error() }
    let bytes = Array(pem.utf8)
    guard let source = BIO_new_mem_buf(bytes, Int32(clamping: bytes.count)) else { throw .unreadable }
    defer { BIO_free(source) }
    // Without this, libcrypto would ask a terminal for the password.
    guard let handle = PEM_read_bio_PrivateKey(source, nil, { _, _, _, _ in -1 }, nil) else { throw .unreadable }
    guard let publicKey = Self.publicKey(of: handle) else {
      EVP_PKEY_free(handle)
      throw .anotherCurve
    }
    (self.handle, self.publicKey) = (handle, publicKey)
    guard publicKey.isValid(signature: signature(of: bytes), of: bytes) else { throw .anotherPublicKey }
  }

  deinit { EVP_PKEY_free(handle) }

  /// PKCS#8, not encrypted.
  package var pem: String {
    guard let sink = BIO_new(BIO_s_mem()) else { preconditionFailure("out of memory") }
    defer { BIO_free(sink) }
    precondition(PEM_write_bio_PrivateKey(sink, handle, nil, nil, 0, nil, nil) == 1, "libcrypto writes no PEM")
    var bytes = [UInt8](repeating: 0, count: 1024)
    let count = BIO_read(sink, &bytes, Int32(bytes.count))
    return String(decoding: bytes.prefix(Int(count)), as: UTF8.self)
  }

  /// r and s of 32 bytes each, one after the other. Another one each time.
  package func signature(of message: [UInt8]) -> [UInt8] {
    guard let context = EVP_MD_CTX_new() else { preconditionFailure("out of memory") }
    defer { EVP_MD_CTX_free(context) }
    var encoded = [UInt8](repeating: 0, count: ECDSASignature.mostBytes)
    var count = encoded.count
    guard EVP_DigestSignInit(context, nil, EVP_sha256(), nil, handle) == 1,
      EVP_DigestSign(context, &encoded, &count, message, message.count) == 1,
      let raw = ECDSASignature.raw(ofDER: Array(encoded.prefix(count)))
    else { preconditionFailure("libcrypto does not sign with a key of P-256") }
    return raw
  }

  package var description: String { "P-256 private key" }
  package var customMirror: Mirror { Mirror(self, children: [:]) }

  private static func publicKey(of handle: OpaquePointer) -> P256PublicKey? {
    var encoded = [UInt8](repeating: 0, count: 1024)
    guard (1...Int32(encoded.count)).contains(i2d_PUBKEY(handle, nil)) else { return nil }
    let count = encoded.withUnsafeMutableBufferPointer { buffer in
      var end = buffer.baseAddress
      return Int(i2d_PUBKEY(handle, &end))
    }
    let (prefix, point) = (P256PublicKey.prefix, encoded.prefix(count).dropFirst(P256PublicKey.prefix.count))
    guard encoded.starts(with: prefix), point.count == 2 * P256PublicKey.coordinateBytes else { return nil }
    return P256PublicKey(
      x: Array(point.prefix(P256PublicKey.coordinateBytes)), y: Array(point.suffix(P256PublicKey.coordinateBytes)))
  }
}
