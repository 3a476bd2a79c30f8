/// JSON written by hand where a few fields do not deserve an encoder, and the rules of a string that all writers share.
package enum JSONText {
  /// `text` as a JSON string, quotes included.
  package static func quoted(_ text: some StringProtocol) -> String {
    var out = ""
    out.reserveCapacity(text.utf8.count + 2)
    append(text, to: &out)
    return out
  }

  /// Appends `text` as a JSON string, quotes included.
  package static func append(_ text: some StringProtocol, to out: inout String) {
    out.append("\"")
    for scalar in text.unicodeScalars {
      if let byte = UInt8(exactly: scalar.value), mustEscape(byte) {
        out += escape(byte)
      } else {
        out.unicodeScalars.append(scalar)
      }
    }
    out.append("\"")
  }

  /// Whether a byte of UTF-8 may not stand in a string as it is.
  @inlinable
  package static func mustEscape(_ byte: UInt8) -> Bool {
    byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") || byte == 0x7F
  }

  /// What stands for a byte that may not.
  package static func escape(_ byte: UInt8) -> String {
    switch byte {
    case UInt8(ascii: "\""): return "\\\""
    case UInt8(ascii: "\\"): return "\\\\"
    case UInt8(ascii: "\n"): return "\\n"
    case UInt8(ascii: "\r"): return "\\r"
    case UInt8(ascii: "\t"): return "\\t"
    default:
      let hex = String(byte, radix: 16)
      return (hex.utf8.count == 1 ? "\\u000" : "\\u00") + hex
    }
  }
}
