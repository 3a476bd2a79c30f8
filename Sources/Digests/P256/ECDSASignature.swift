import CCrypto

/// The two forms of a signature of P-256: r and s of 32 bytes each, as JSON Web Signatures have it, and DER, as libcrypto does.
enum ECDSASignature {
  /// Of the longest in DER.
  static let mostBytes = 72

  /// Nil for what is not 64 bytes.
  static func der(ofRaw raw: [UInt8]) -> [UInt8]? {
    let half = P256PublicKey.coordinateBytes
    guard raw.count == 2 * half, let signature = ECDSA_SIG_new() else { return nil }
    defer { ECDSA_SIG_free(signature) }
    let numbers = raw.withUnsafeBufferPointer { bytes in
      (BN_bin2bn(bytes.baseAddress, Int32(half), nil), BN_bin2bn(bytes.baseAddress.map { $0 + half }, Int32(half), nil))
    }
    // From here on the numbers are the signature's.
    guard ECDSA_SIG_set0(signature, numbers.0, numbers.1) == 1 else { return nil }
    var encoded = [UInt8](repeating: 0, count: mostBytes)
    let count = encoded.withUnsafeMutableBufferPointer { buffer in
      var end = buffer.baseAddress
      return Int(i2d_ECDSA_SIG(signature, &end))
    }
    return count > 0 ? Array(encoded.prefix(count)) : nil
  }

  static func raw(ofDER encoded: [UInt8]) -> [UInt8]? {
    let signature = encoded.withUnsafeBufferPointer { bytes in
      var start = bytes.baseAddress
      return d2i_ECDSA_SIG(nil, &start, bytes.count)
    }
    guard let signature else { return nil }
    defer { ECDSA_SIG_free(signature) }
    let half = P256PublicKey.coordinateBytes
    var raw = [UInt8](repeating: 0, count: 2 * half)
    let isWhole = raw.withUnsafeMutableBufferPointer { bytes in
      BN_bn2binpad(ECDSA_SIG_get0_r(signature), bytes.baseAddress, Int32(half)) == Int32(half)
        && BN_bn2binpad(ECDSA_SIG_get0_s(signature), bytes.baseAddress.map { $0 + half }, Int32(half)) == Int32(half)
    }
    return isWhole ? raw : nil
  }
}
