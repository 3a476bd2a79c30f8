import CCrypto

/// Digests of bytes in memory, by OpenSSL's libcrypto, which libcurl brings along. MD5 and SHA-1 are here because protocols
/// name and check things by them; they protect nothing.
package enum Digest: Sendable {
  case md5, sha1, sha256

  package func bytes(of message: [UInt8]) -> [UInt8] {
    var digest = [UInt8](repeating: 0, count: Int(EVP_MAX_MD_SIZE))
    var count: UInt32 = 0
    let code = message.withUnsafeBytes {
      EVP_Digest($0.baseAddress, $0.count, &digest, &count, algorithm, nil)
    }
    precondition(code == 1, "libcrypto has no \(self)")
    return Array(digest.prefix(Int(count)))
  }

  /// In lower-case hexadecimal digits.
  package func hexadecimal(of message: [UInt8]) -> String { bytes(of: message).hexadecimal }

  /// The HMAC-SHA256 of a message, 32 bytes.
  package static func hmacSHA256(of message: [UInt8], key: [UInt8]) -> [UInt8] {
    var code = [UInt8](repeating: 0, count: Int(EVP_MAX_MD_SIZE))
    var count: UInt32 = 0
    let made = key.withUnsafeBytes { key in
      HMAC(EVP_sha256(), key.baseAddress, Int32(key.count), message, message.count, &code, &count)
    }
    precondition(made != nil, "libcrypto has no HMAC-SHA256")
    return Array(code.prefix(Int(count)))
  }

  private var algorithm: OpaquePointer? {
    switch self {
    case .md5: EVP_md5()
    case .sha1: EVP_sha1()
    case .sha256: EVP_sha256()
    }
  }
}

extension Sequence<UInt8> {
  /// Two lower-case hexadecimal digits a byte.
  package var hexadecimal: String {
    let digits = Array("0123456789abcdef".utf8)
    var text: [UInt8] = []
    for byte in self { text += [digits[Int(byte >> 4)], digits[Int(byte & 15)]] }
    return String(decoding: text, as: UTF8.self)
  }
}
