/// The address of one request: settings, parameters and, for inserts, the statement as percent-encoded query items.
struct RequestURL {
  private(set) var text: String
  private var isFirst = true

  init(_ base: String) {
    text = base + "/"
  }

  mutating func add(_ name: String, _ value: String) {
    text.append(isFirst ? "?" : "&")
    isFirst = false
    encode(name)
    text.append("=")
    encode(value)
  }

  private mutating func encode(_ part: String) {
    let digits: StaticString = "0123456789ABCDEF"
    for byte in part.utf8 {
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"), UInt8(ascii: "."):
        text.unicodeScalars.append(Unicode.Scalar(byte))
      default:
        text.append("%")
        text.unicodeScalars.append(Unicode.Scalar(digits.utf8Start[Int(byte >> 4)]))
        text.unicodeScalars.append(Unicode.Scalar(digits.utf8Start[Int(byte & 15)]))
      }
    }
  }
}
