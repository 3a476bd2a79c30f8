import Digests
import JSON

/// A JSON Web Signature in its compact form (RFC 7515, section 7.1), taken apart and not yet believed.
struct CompactSignature {
  /// An object.
  let header: JSONValue
  let payload: [UInt8]
  let signature: [UInt8]
  /// What was signed.
  let signed: [UInt8]

  /// - Throws: `.malformed`, also for more than `limitBytes`, padding, other alphabets, a name that occurs twice.
  init(_ text: String, limitBytes: Int) throws(TokenProblem) {
    guard text.utf8.count <= limitBytes else { throw .malformed }
    let bytes = Array(text.utf8)
    let parts = bytes.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
    guard parts.count == 3, let header = Base64URL.decoded(parts[0]), let payload = Base64URL.decoded(parts[1]),
      let signature = Base64URL.decoded(parts[2])
    else { throw .malformed }
    self.header = try Self.object(header)
    self.payload = payload
    self.signature = signature
    signed = Array(bytes[..<parts[1].endIndex])
  }

  /// `bytes` as a JSON object.
  static func object(_ bytes: [UInt8]) throws(TokenProblem) -> JSONValue {
    guard let value = try? JSONParser.parse(bytes, maximumDepth: 4), case .object = value else { throw .malformed }
    return value
  }

  static func text(_ header: JSONValue, _ payload: JSONValue, key: P256PrivateKey) -> String {
    let signed = "\(Base64URL.encoded(header.text.utf8)).\(Base64URL.encoded(payload.text.utf8))"
    return "\(signed).\(Base64URL.encoded(key.signature(of: Array(signed.utf8))))"
  }
}
