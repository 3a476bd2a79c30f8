/// Reads ClickHouse's exception text, `Code: 241. DB::Exception: … (MEMORY_LIMIT_EXCEEDED) (version 25.5.2.1)`, plain
/// or as the value of `"exception"` in a JSON answer.
package enum ServerException {
  /// The error told by `body`; `headerCode` is what `X-ClickHouse-Exception-Code` said, if it was sent.
  /// Nil if `body` holds no exception text and there was no such header.
  package static func parse(_ body: some Collection<UInt8>, headerCode: Int? = nil) -> ClickHouseError? {
    // Server text is UTF-8 but may quote arbitrary bytes of the query.
    let whole = String(decoding: body, as: UTF8.self)
    guard let start = whole.firstRange(of: "Code: ") else {
      return headerCode.map { .server(code: $0, name: "", message: trimmed(whole)) }
    }
    var text = whole[start.lowerBound...]
    if whole[..<start.lowerBound].hasSuffix("\"exception\": \"")
      || whole[..<start.lowerBound].hasSuffix("\"exception\":\"")
    {
      text = unescapedJSON(text)[...]
    }
    let digits = text.dropFirst("Code: ".count).prefix { $0.isASCII && $0.isNumber }
    guard let code = headerCode ?? Int(digits) else { return nil }
    text = text.dropFirst("Code: ".count + digits.count)
    if let marker = text.firstRange(of: "Exception: "), text.distance(from: text.startIndex, to: marker.lowerBound) < 40
    {
      text = text[marker.upperBound...]
    } else {
      text = text.drop { $0 == "." || $0 == "," || $0 == " " }
    }
    if let version = lastRange(of: " (version ", in: text) { text = text[..<version] }
    while text.last?.isWhitespace == true { text.removeLast() }
    var name = ""
    if let open = text.lastIndex(of: "("), text.last == ")" {
      let inner = text[text.index(after: open)...].dropLast()
      if inner.count > 1, inner.allSatisfy({ $0.isUppercase || $0.isNumber || $0 == "_" }) {
        name = String(inner)
        text = text[..<open]
      }
    }
    return .server(code: code, name: name, message: trimmed(text))
  }

  private static func trimmed(_ text: some StringProtocol) -> String {
    var text = Substring(text)
    while let last = text.last, last.isWhitespace || last == "." { text.removeLast() }
    return String(text.drop { $0.isWhitespace })
  }

  private static func lastRange(of needle: String, in text: Substring) -> String.Index? {
    text.ranges(of: needle).last?.lowerBound
  }

  /// Text up to the closing quote, escapes resolved; `\u` escapes other than ASCII become U+FFFD.
  private static func unescapedJSON(_ text: Substring) -> String {
    var result = ""
    var rest = text.makeIterator()
    while let character = rest.next(), character != "\"" {
      guard character == "\\", let escaped = rest.next() else {
        result.append(character)
        continue
      }
      switch escaped {
      case "n": result.append("\n")
      case "t": result.append("\t")
      case "r": result.append("\r")
      case "b", "f": result.append(" ")
      case "u":
        let hex = String([rest.next(), rest.next(), rest.next(), rest.next()].compactMap(\.self))
        let scalar = UInt8(hex, radix: 16).map { Unicode.Scalar($0) } ?? "\u{FFFD}"
        result.unicodeScalars.append(scalar)
      default: result.append(escaped)
      }
    }
    return result
  }
}
