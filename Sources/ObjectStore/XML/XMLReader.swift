/// Reads the XML that S3 answers with, and refuses all else: no DOCTYPE, so no entities but the five of XML itself and
/// numbers; no processing instructions, comments or CDATA; bounded depth. The size is bounded by whoever received it.
///
/// Foundation's `XMLParser` would bring FoundationXML and libxml2 into the binary, with all that XML can do.
package struct XMLReader {
  package struct Failure: Error, Equatable {
    package let reason: String
  }

  package static let greatestDepth = 16

  private let bytes: [UInt8]
  private var position = 0

  /// The root element of a document.
  package static func read(_ bytes: [UInt8]) throws(Failure) -> XMLElement {
    var reader = XMLReader(bytes: bytes)
    if bytes.starts(with: [0xef, 0xbb, 0xbf]) { reader.position = 3 }
    reader.skipBlanks()
    if reader.at("<?xml") { try reader.skip(past: "?>") }
    reader.skipBlanks()
    let root = try reader.element(depth: 1)
    reader.skipBlanks()
    guard reader.position == bytes.count else { throw Failure(reason: "something follows the document") }
    return root
  }

  private mutating func element(depth: Int) throws(Failure) -> XMLElement {
    guard depth <= Self.greatestDepth else { throw Failure(reason: "elements lie in each other too deep") }
    guard at("<") else { throw Failure(reason: "an element was expected") }
    position += 1
    let tag = try name()
    var element = XMLElement(name: Self.local(tag))
    if try attributes() { return element }
    var text: [UInt8] = []
    while true {
      guard let byte = current else { throw Failure(reason: "the document ends within an element") }
      switch byte {
      case UInt8(ascii: "<") where at("</"):
        position += 2
        guard try name() == tag else { throw Failure(reason: "an element is closed by another's end") }
        skipBlanks()
        try expect(">")
        guard let words = String(validating: text, as: UTF8.self) else { throw Failure(reason: "a text is not UTF-8") }
        // Between elements there are blanks only.
        if element.children.isEmpty {
          element.text = words
        } else if !text.allSatisfy(Self.isBlank) {
          throw Failure(reason: "text and elements are mixed")
        }
        return element
      case UInt8(ascii: "<"): element.children.append(try self.element(depth: depth + 1))
      case UInt8(ascii: "&"): text += try reference()
      default:
        text.append(byte)
        position += 1
      }
    }
  }

  /// Passes over what follows a tag's name; true if the element is empty and closed with it.
  private mutating func attributes() throws(Failure) -> Bool {
    while true {
      skipBlanks()
      if at("/>") {
        position += 2
        return true
      }
      if at(">") {
        position += 1
        return false
      }
      _ = try name()
      skipBlanks()
      try expect("=")
      skipBlanks()
      guard let quote = current, quote == UInt8(ascii: "\"") || quote == UInt8(ascii: "'") else {
        throw Failure(reason: "an attribute has no value in quotes")
      }
      position += 1
      while let byte = current, byte != quote {
        guard byte != UInt8(ascii: "<") else { throw Failure(reason: "an attribute's value has a <") }
        position += 1
      }
      guard current != nil else { throw Failure(reason: "the document ends within a tag") }
      position += 1
    }
  }

  /// An entity or the number of a character.
  private mutating func reference() throws(Failure) -> [UInt8] {
    position += 1
    let start = position
    while let byte = current, byte != UInt8(ascii: ";"), position - start < 12 { position += 1 }
    let word = String(decoding: bytes[start..<position], as: UTF8.self)
    try expect(";")
    switch word {
    case "amp": return [UInt8(ascii: "&")]
    case "lt": return [UInt8(ascii: "<")]
    case "gt": return [UInt8(ascii: ">")]
    case "quot": return [UInt8(ascii: "\"")]
    case "apos": return [UInt8(ascii: "'")]
    default:
      let isHexadecimal = word.hasPrefix("#x")
      let digits = word.dropFirst(isHexadecimal ? 2 : 1)
      guard word.hasPrefix("#"), digits.allSatisfy(\.isHexDigit),
        let number = UInt32(digits, radix: isHexadecimal ? 16 : 10), number != 0, let scalar = Unicode.Scalar(number)
      else { throw Failure(reason: "an entity is unknown") }
      return Array(String(scalar).utf8)
    }
  }

  private mutating func name() throws(Failure) -> [UInt8] {
    let start = position
    while let byte = current, Self.isName(byte) { position += 1 }
    guard position > start else { throw Failure(reason: "a name was expected") }
    return Array(bytes[start..<position])
  }

  private static func local(_ name: [UInt8]) -> String {
    String(decoding: name.split(separator: UInt8(ascii: ":")).last ?? name[...], as: UTF8.self)
  }

  private static func isName(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: ":"):
      true
    default: false
    }
  }

  // MARK: Bytes

  private var current: UInt8? { position < bytes.count ? bytes[position] : nil }

  private func at(_ text: StaticString) -> Bool {
    let count = text.utf8CodeUnitCount
    guard position + count <= bytes.count else { return false }
    return (0..<count).allSatisfy { bytes[position + $0] == text.utf8Start[$0] }
  }

  private mutating func expect(_ text: StaticString) throws(Failure) {
    guard at(text) else { throw Failure(reason: "\(text) was expected") }
    position += text.utf8CodeUnitCount
  }

  private mutating func skip(past text: StaticString) throws(Failure) {
    while !at(text) {
      guard position < bytes.count else { throw Failure(reason: "\(text) was expected") }
      position += 1
    }
    position += text.utf8CodeUnitCount
  }

  private mutating func skipBlanks() {
    while let byte = current, Self.isBlank(byte) { position += 1 }
  }

  private static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || (byte >= 0x09 && byte <= 0x0d) }
}
