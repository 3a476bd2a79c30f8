/// Base64 with the alphabet of URLs and without padding (RFC 4648, section 5): one text for any bytes, and no other is read.
package enum Base64URL {
  private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)
  /// Of each byte its value, 255 for what is no digit.
  private static let values: [UInt8] = {
    var values = [UInt8](repeating: 255, count: 256)
    for (value, byte) in alphabet.enumerated() { values[Int(byte)] = UInt8(value) }
    return values
  }()

  package static func encoded(_ bytes: some Sequence<UInt8>) -> String {
    var text: [UInt8] = []
    var (bits, count) = (UInt32(0), 0)
    for byte in bytes {
      (bits, count) = (bits << 8 | UInt32(byte), count + 8)
      while count >= 6 {
        count -= 6
        text.append(alphabet[Int(bits >> UInt32(count) & 63)])
      }
    }
    if count > 0 { text.append(alphabet[Int(bits << UInt32(6 - count) & 63)]) }
    return String(decoding: text, as: UTF8.self)
  }

  /// Nil for what ``encoded(_:)`` does not write: padding, other digits, a single last digit, bits left over.
  package static func decoded(_ text: some Sequence<UInt8>) -> [UInt8]? {
    var bytes: [UInt8] = []
    var (bits, count, digits) = (UInt32(0), 0, 0)
    for byte in text {
      let value = values[Int(byte)]
      guard value < 64 else { return nil }
      (bits, count, digits) = (bits << 6 | UInt32(value), count + 6, digits + 1)
      if count >= 8 {
        count -= 8
        bytes.append(UInt8(truncatingIfNeeded: bits >> UInt32(count)))
      }
    }
    let rest = bits & (1 << UInt32(count) - 1)
    return digits % 4 != 1 && rest == 0 ? bytes : nil
  }
}
