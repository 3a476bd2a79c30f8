/// The words of a note's field, which is HTML, and the images and sounds that are in it.
package struct FieldText: Sendable, Equatable {
  /// Stands where an image is.
  fileprivate static let mark: Unicode.Scalar = "\u{FFFC}"

  private let marked: String
  /// The names of the images' files as the field has them, in its order.
  package let images: [String]
  /// How many recordings it plays.
  package let sounds: Int
  /// Whether the words looked like something: bold, coloured, in a table.
  package let isFormatted: Bool

  package init(_ html: Substring.UTF8View) {
    var reader = HTMLReader(Array(html))
    reader.read()
    marked = String(decoding: reader.text, as: UTF8.self)
    (images, sounds, isFormatted) = (reader.images, reader.sounds, reader.isFormatted)
  }

  package init(_ html: String) { self.init(html[...].utf8) }

  /// Whether there is nothing: no words, no image, no sound.
  package var isEmpty: Bool { sounds == 0 && marked.unicodeScalars.allSatisfy(\.properties.isWhitespace) }

  /// The words, lines trimmed, without empty lines at the ends or one after another.
  /// - Parameter image: what stands in place of an image, by its place in ``images``.
  package func words(image: (Int) -> String) -> String {
    var (text, place, last) = (String.UnicodeScalarView(), 0, Unicode.Scalar("\n"))
    func append(_ scalar: Unicode.Scalar) {
      if scalar != " " || last != " " { text.append(scalar) }
      last = scalar
    }
    for scalar in marked.unicodeScalars {
      if scalar == Self.mark {
        for scalar in image(place).unicodeScalars { append(scalar) }
        place += 1
      } else {
        append(scalar)
      }
    }
    var lines: [Substring.UnicodeScalarView] = []
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      let trimmed = Self.trimmed(line)
      if trimmed.isEmpty, lines.last?.isEmpty ?? true { continue }
      lines.append(trimmed)
    }
    if lines.last?.isEmpty == true { lines.removeLast() }
    return lines.map { String($0) }.joined(separator: "\n")
  }

  private static func trimmed(_ line: Substring.UnicodeScalarView) -> Substring.UnicodeScalarView {
    var line = line.drop { $0.properties.isWhitespace }
    while let last = line.last, last.properties.isWhitespace { line.removeLast() }
    return line
  }
}

/// Reads HTML as far as notes have it, once from its beginning to its end, whatever it is.
private struct HTMLReader {
  private(set) var text: [UInt8] = []
  private(set) var images: [String] = []
  private(set) var sounds = 0
  private(set) var isFormatted = false

  private let bytes: [UInt8]
  private var position = 0
  private var isSpaceDue = false
  private var isPreformatted = false
  /// There is no end of a tag any more: what looks like a beginning is none.
  private var isWithoutTags = false
  /// Behind some tag no `>` is outside of quotes, to the end: quotes mean nothing any more, and nobody looks that far again.
  private var isWithoutQuotes = false

  private static let lines: Set<String> = [
    "div", "p", "li", "ul", "ol", "tr", "table", "tbody", "thead", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote",
    "pre",
    "hr", "dl", "dt", "dd", "section", "article", "center",
  ]
  private static let plain: Set<String> = ["div", "p", "br", "img", "span"]
  private static let mark = Array(String(FieldText.mark).utf8)
  private static let comment = Array("<!--".utf8)
  private static let sound = Array("[sound:".utf8)
  private static let speech = Array("[anki:".utf8)

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  mutating func read() {
    while position < bytes.count {
      let byte = bytes[position]
      switch byte {
      case UInt8(ascii: "<"): if !takeTag() { take(byte) }
      case UInt8(ascii: "&"): takeEntity()
      case UInt8(ascii: "["): if !takeSound() { take(byte) }
      case UInt8(ascii: "\n") where isPreformatted:
        position += 1
        breakLine()
      case 0x09, 0x0A, 0x0D, 0x20:
        position += 1
        isSpaceDue = true
      // A text that has the mark already, and what no card's text may have.
      case Self.mark[0] where starts(Self.mark): position += Self.mark.count
      case 0: position += 1
      default: take(byte)
      }
    }
  }

  private mutating func take(_ byte: UInt8) {
    position += 1
    append([byte])
  }

  private mutating func append(_ new: some Sequence<UInt8>) {
    if isSpaceDue, let last = text.last, last != UInt8(ascii: "\n") { text.append(UInt8(ascii: " ")) }
    isSpaceDue = false
    text.append(contentsOf: new)
  }

  private mutating func breakLine() {
    isSpaceDue = false
    text.append(UInt8(ascii: "\n"))
  }

  private func starts(_ word: [UInt8]) -> Bool {
    position + word.count <= bytes.count && bytes[position..<position + word.count].elementsEqual(word)
  }

  // MARK: Tags

  private mutating func takeTag() -> Bool {
    if starts(Self.comment) {
      position = end(of: "-->", from: position + 4) ?? bytes.count
      return true
    }
    guard !isWithoutTags, position + 1 < bytes.count else { return false }
    let next = bytes[position + 1]
    guard next | 0x20 >= 0x61 && next | 0x20 <= 0x7A || next == UInt8(ascii: "/") || next == UInt8(ascii: "!") else {
      return false
    }
    guard let end = tagEnd() else {
      isWithoutTags = true
      return false
    }
    let tag = HTMLTag(bytes[position + 1..<end])
    position = end + 1
    apply(tag)
    return true
  }

  /// Where the tag's `>` is: the first that no quotes are around, or the first at all where the quotes are not closed.
  private mutating func tagEnd() -> Int? {
    if isWithoutQuotes { return bytes[(position + 1)...].firstIndex(of: UInt8(ascii: ">")) }
    var (quote, first) = (UInt8(0), Int?.none)
    for place in position + 1..<bytes.count {
      let byte = bytes[place]
      if byte == UInt8(ascii: ">") {
        if quote == 0 { return place }
        if first == nil { first = place }
      } else if quote == 0, byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'") {
        quote = byte
      } else if byte == quote {
        quote = 0
      }
    }
    isWithoutQuotes = true
    return first
  }

  private mutating func apply(_ tag: HTMLTag) {
    switch tag.name {
    case "br": breakLine()
    case "img":
      if let source = tag.source {
        images.append(source)
        append(Self.mark)
      }
    case "script", "style":
      if !tag.isEnd {
        position = end(of: "</\(tag.name)", from: position).map { $0 - tag.name.utf8.count - 2 } ?? bytes.count
      }
    case "td", "th": isSpaceDue = true
    default: break
    }
    if tag.name == "pre" { isPreformatted = !tag.isEnd }
    if Self.lines.contains(tag.name), let last = text.last, last != UInt8(ascii: "\n") { breakLine() }
    if !Self.plain.contains(tag.name) { isFormatted = true }
  }

  /// Where a text ends, in capital or small letters; nil where there is none.
  private func end(of word: String, from start: Int) -> Int? {
    let word = Array(word.utf8)
    guard start <= bytes.count - word.count else { return nil }
    for place in start...bytes.count - word.count
    where zip(bytes[place...], word).allSatisfy({ $0 == $1 || $0 | 0x20 == $1 }) { return place + word.count }
    return nil
  }

  // MARK: Entities and sounds

  private mutating func takeEntity() {
    guard let (decoded, length) = HTMLEntity.decoded(bytes[position...]) else { return take(bytes[position]) }
    position += length
    switch decoded {
    case " ": isSpaceDue = true
    case "\u{FFFC}", "\0": break
    default: append(String(decoded).utf8)
    }
  }

  /// `[sound:a.mp3]` and `[anki:tts …]`.
  private mutating func takeSound() -> Bool {
    guard starts(Self.sound) || starts(Self.speech) else { return false }
    let name = bytes[(position + 1)...].prefix { $0 != UInt8(ascii: "]") && $0 != UInt8(ascii: "[") }
    guard name.endIndex < bytes.count, bytes[name.endIndex] == UInt8(ascii: "]") else { return false }
    position = name.endIndex + 1
    sounds += 1
    return true
  }
}
