/// Percent-encoding of one part of a URL: all but letters, digits and `-._~` (RFC 3986's unreserved characters) of the UTF-8.
package enum PercentEncoding {
  /// - Parameter keepingSlashes: leaves `/` as it is, as in a path.
  package static func append(_ part: String, to text: inout String, keepingSlashes: Bool = false) {
    let digits: StaticString = "0123456789ABCDEF"
    for byte in part.utf8 {
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"), UInt8(ascii: "."),
        UInt8(ascii: "~"):
        text.unicodeScalars.append(Unicode.Scalar(byte))
      case UInt8(ascii: "/") where keepingSlashes: text.append("/")
      default:
        text.append("%")
        text.unicodeScalars.append(Unicode.Scalar(digits.utf8Start[Int(byte >> 4)]))
        text.unicodeScalars.append(Unicode.Scalar(digits.utf8Start[Int(byte & 15)]))
      }
    }
  }

  package static func encoded(_ part: String, keepingSlashes: Bool = false) -> String {
    var text = ""
    append(part, to: &text, keepingSlashes: keepingSlashes)
    return text
  }
}
