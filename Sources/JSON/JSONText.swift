/// JSON written by hand where a few fields do not deserve an encoder.
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
      switch scalar {
      case "\"": out += "\\\""
      case "\\": out += "\\\\"
      case "\n": out += "\\n"
      case "\r": out += "\\r"
      case "\t": out += "\\t"
      case "\u{0}"..."\u{1F}", "\u{7F}":
        let hex = String(scalar.value, radix: 16)
        out += "\\u" + String(repeating: "0", count: 4 - hex.count) + hex
      default: out.unicodeScalars.append(scalar)
      }
    }
    out.append("\"")
  }
}
