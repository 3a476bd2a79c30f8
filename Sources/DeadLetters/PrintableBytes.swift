/// Foreign bytes as a terminal may show them: no control characters, no escape sequences, nothing invisible.
package enum PrintableBytes {
  /// Text stays text; a control or invisible character becomes `\n`, `\t`, `\u{…}`, a byte that is no UTF-8 `\xNN`,
  /// a backslash two.
  package static func escaped(_ bytes: [UInt8], limit: Int = .max) -> String {
    var text = ""
    var rest = bytes[...]
    var shown = 0
    while let first = rest.first, shown < limit {
      shown += 1
      guard let (scalar, length) = scalar(rest) else {
        text += "\\x" + hex(first)
        rest = rest.dropFirst()
        continue
      }
      rest = rest.dropFirst(length)
      switch scalar {
      case "\\": text += "\\\\"
      case "\n": text += "\\n"
      case "\r": text += "\\r"
      case "\t": text += "\\t"
      default:
        if isVisible(scalar) {
          text.unicodeScalars.append(scalar)
        } else {
          text += "\\u{\(String(scalar.value, radix: 16))}"
        }
      }
    }
    return rest.isEmpty ? text : text + "…"
  }

  private static func isVisible(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator, .privateUse, .unassigned, .surrogate: false
    default: true
    }
  }

  /// The scalar that the bytes begin with, and its length; nil when they begin with no UTF-8.
  private static func scalar(_ bytes: ArraySlice<UInt8>) -> (Unicode.Scalar, Int)? {
    var decoder = UTF8()
    var iterator = bytes.prefix(4).makeIterator()
    guard case .scalarValue(let scalar) = decoder.decode(&iterator) else { return nil }
    return (scalar, UTF8.width(scalar))
  }

  private static func hex(_ byte: UInt8) -> String {
    let text = String(byte, radix: 16)
    return byte < 16 ? "0" + text : text
  }
}
