/// What stands between `<` and `>`.
struct HTMLTag {
  /// In small letters.
  let name: String
  let isEnd: Bool
  /// What `src` says, its entities decoded.
  let source: String?

  init(_ bytes: ArraySlice<UInt8>) {
    isEnd = bytes.first == UInt8(ascii: "/")
    let rest = isEnd ? bytes.dropFirst() : bytes
    let word = rest.prefix { Self.isLetter($0) || (0x30...0x39).contains($0) }
    name = String(decoding: word.prefix(16), as: UTF8.self).lowercased()
    source = name == "img" ? Self.attribute("src", in: rest.dropFirst(word.count)) : nil
  }

  private static func isLetter(_ byte: UInt8) -> Bool { (0x61...0x7A).contains(byte | 0x20) }

  private static func isSpace(_ byte: UInt8) -> Bool { [0x09, 0x0A, 0x0C, 0x0D, 0x20, 0x2F].contains(byte) }

  private static func attribute(_ wanted: String, in bytes: ArraySlice<UInt8>) -> String? {
    var rest = bytes
    while true {
      rest = rest.drop(while: isSpace)
      guard !rest.isEmpty else { return nil }
      let name = rest.prefix { $0 != UInt8(ascii: "=") && !isSpace($0) }
      rest = rest.dropFirst(max(1, name.count)).drop(while: isSpace)
      if name.isEmpty { continue }
      var value: ArraySlice<UInt8> = []
      if rest.first == UInt8(ascii: "=") {
        rest = rest.dropFirst().drop(while: isSpace)
        if let quote = rest.first, quote == UInt8(ascii: "\"") || quote == UInt8(ascii: "'") {
          value = rest.dropFirst().prefix { $0 != quote }
          rest = rest.dropFirst(value.count + 2)
        } else {
          value = rest.prefix { ![0x09, 0x0A, 0x0C, 0x0D, 0x20].contains($0) }
          rest = rest.dropFirst(value.count)
        }
      }
      if String(decoding: name.prefix(16), as: UTF8.self).lowercased() == wanted {
        return HTMLEntity.decoded(text: value)
      }
    }
  }
}
