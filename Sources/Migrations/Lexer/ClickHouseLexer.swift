/// Cuts SQL into tokens exactly where ClickHouse's own lexer does (its src/Parsers/Lexer.cpp, version 25.5), as far as it
/// matters for finding the semicolons that end statements: every oddity that can hide one or reveal one is here.
///
/// Tokens cover the input without gaps; nothing is rejected but what is opened and never closed.
struct ClickHouseLexer: Lexer {
  private let source: [UInt8]
  private var position = 0
  private var previous = Token.Kind.symbol

  init(_ source: [UInt8]) {
    self.source = source
  }

  /// The next token; nil at the end.
  mutating func next() -> Token? {
    guard position < source.count else { return nil }
    let start = position
    let kind = scan()
    if kind.isSignificant { previous = kind }
    return Token(kind: kind, range: start..<position)
  }

  /// The byte `distance` after the position; 0 beyond the end.
  private func peek(_ distance: Int = 0) -> UInt8 {
    position + distance < source.count ? source[position + distance] : 0
  }

  private mutating func scan() -> Token.Kind {
    let byte = source[position]
    switch byte {
    case _ where byte.isBlank:
      skip { $0.isBlank }
      return .blank
    case UInt8(ascii: "0")...UInt8(ascii: "9"): return number()
    case UInt8(ascii: "'"): return quoted(byte, as: .string, unclosed: .string)
    case UInt8(ascii: "\""): return quoted(byte, as: .quotedIdentifier, unclosed: .doubleQuotes)
    case UInt8(ascii: "`"): return quoted(byte, as: .quotedIdentifier, unclosed: .backticks)
    case UInt8(ascii: ";"): return symbol(.semicolon)
    case UInt8(ascii: "("), UInt8(ascii: "["), UInt8(ascii: "{"): return symbol(.opening)
    case UInt8(ascii: ")"), UInt8(ascii: "]"): return symbol(.closing)
    case UInt8(ascii: "}"): return symbol(.closingBrace)
    case UInt8(ascii: "."): return dot()
    case UInt8(ascii: "-"):
      if peek(1) == UInt8(ascii: "-") { return lineComment() }
      return symbol(.symbol, length: peek(1) == UInt8(ascii: ">") ? 2 : 1)
    case UInt8(ascii: "/"):
      if peek(1) == UInt8(ascii: "/") { return lineComment() }
      return peek(1) == UInt8(ascii: "*") ? blockComment() : symbol(.symbol)
    case UInt8(ascii: "#"):
      // `#x` is no comment.
      return peek(1) == UInt8(ascii: " ") || peek(1) == UInt8(ascii: "!") ? lineComment() : symbol(.symbol)
    case UInt8(ascii: "$"): return dollar()
    case 0xe2:
      if let kind = typographicQuotes() { return kind }
      return unicodeBlank() ?? symbol(.symbol)
    default:
      if let kind = binaryString() { return kind }
      if byte.isWord { return word() }
      return unicodeBlank() ?? symbol(.symbol)
    }
  }

  private mutating func skip(while condition: (UInt8) -> Bool) {
    while position < source.count, condition(source[position]) { position += 1 }
  }

  private mutating func symbol(_ kind: Token.Kind, length: Int = 1) -> Token.Kind {
    position += length
    return kind
  }

  private mutating func toEnd(_ construct: Token.Construct) -> Token.Kind {
    position = source.count
    return .unclosed(construct)
  }

  /// A bare word; dollar signs may be in it, not at its start.
  private mutating func word() -> Token.Kind {
    skip { $0.isWord || $0 == UInt8(ascii: "$") }
    return .word
  }

  // MARK: Comments

  private mutating func lineComment() -> Token.Kind {
    skip { $0 != UInt8(ascii: "\n") }
    return .comment
  }

  private mutating func blockComment() -> Token.Kind {
    position += 2
    var depth = 1
    while position + 2 <= source.count {
      if peek() == UInt8(ascii: "/"), peek(1) == UInt8(ascii: "*") {
        depth += 1
        position += 2
      } else if peek() == UInt8(ascii: "*"), peek(1) == UInt8(ascii: "/") {
        depth -= 1
        position += 2
        if depth == 0 { return .comment }
      } else {
        position += 1
      }
    }
    return toEnd(.comment)
  }

  // MARK: Quotes

  private mutating func quoted(
    _ quote: UInt8, as kind: Token.Kind, unclosed construct: Token.Construct
  ) -> Token.Kind {
    position += 1
    while position < source.count {
      let byte = source[position]
      position += 1
      if byte == quote {
        guard peek() == quote, position < source.count else { return kind }
        position += 1
      } else if byte == UInt8(ascii: "\\") {
        guard position < source.count else { break }
        position += 1
      }
    }
    return toEnd(construct)
  }

  /// `x'4f'` and `b'01'`: a digit out of place leaves the string unclosed.
  private mutating func binaryString() -> Token.Kind? {
    let letter = source[position] | 0x20
    guard letter == UInt8(ascii: "x") || letter == UInt8(ascii: "b"), peek(1) == UInt8(ascii: "'"),
      position + 2 < source.count
    else { return nil }
    position += 2
    skip { letter == UInt8(ascii: "x") ? $0.isHexDigit : $0 == UInt8(ascii: "0") || $0 == UInt8(ascii: "1") }
    guard position < source.count, peek() == UInt8(ascii: "'") else { return toEnd(.string) }
    position += 1
    return .string
  }

  /// `‘…’` and `“…”`, without escapes; and the mathematical minus.
  private mutating func typographicQuotes() -> Token.Kind? {
    if peek(1) == 0x88, peek(2) == 0x92 { return symbol(.symbol, length: 3) }
    guard peek(1) == 0x80, peek(2) == 0x98 || peek(2) == 0x9c, position + 5 < source.count else { return nil }
    let isString = peek(2) == 0x98
    let closing: UInt8 = isString ? 0x99 : 0x9d
    position += 3
    while position + 2 < source.count {
      if peek() == 0xe2, peek(1) == 0x80, peek(2) == closing {
        position += 3
        return isString ? .string : .quotedIdentifier
      }
      position += 1
    }
    return toEnd(isString ? .string : .doubleQuotes)
  }

  /// `$tag$…$tag$`, where the tag is whatever stands before the next dollar sign. Never closed, it is a word or a lone sign.
  private mutating func dollar() -> Token.Kind {
    let rest = source[(position + 1)...]
    if let second = rest.firstIndex(of: UInt8(ascii: "$")) {
      let tag = source[position...second]
      if let end = Self.end(of: tag, in: source[(second + 1)...]) {
        position = end
        return .string
      }
    }
    position += 1
    if peek().isWord { return word() }
    return .symbol
  }

  /// The index after the first occurrence of `tag`, which begins and ends with a dollar sign.
  private static func end(of tag: ArraySlice<UInt8>, in text: ArraySlice<UInt8>) -> Int? {
    var rest = text
    while let start = rest.firstIndex(of: UInt8(ascii: "$")) {
      guard text.endIndex - start >= tag.count else { return nil }
      if text[start..<start + tag.count].elementsEqual(tag) { return start + tag.count }
      rest = text[(start + 1)...]
    }
    return nil
  }

  /// The Unicode blanks that queries copied from a word processor hold.
  private mutating func unicodeBlank() -> Token.Kind? {
    let start = position
    while position < source.count {
      switch (peek(), peek(1), peek(2)) {
      case (0xc2, 0x85, _), (0xc2, 0xa0, _): position += 2
      case (0xe1, 0xa0, 0x8e), (0xe2, 0x80, 0x80...0x8d), (0xe2, 0x80, 0xa8...0xa9), (0xe2, 0x80, 0xaf),
        (0xe2, 0x81, 0x9f...0xa0), (0xe3, 0x80, 0x80), (0xef, 0xbb, 0xbf):
        position += 3
      default:
        if position > start, peek().isBlank {
          position += 1
        } else {
          return position > start ? .blank : nil
        }
      }
    }
    return .blank
  }

  // MARK: Numbers

  /// The sign of an exponent belongs to the number: in `1e--1` there is no comment.
  private mutating func number() -> Token.Kind {
    let start = position
    var isHex = false
    if previous == .dot {
      digits(atBlockStart: false, hex: false)
    } else {
      var atBlockStart = false
      let prefix = peek(1) | 0x20
      if peek() == UInt8(ascii: "0"), position + 2 < source.count,
        prefix == UInt8(ascii: "x") && peek(2).isHexDigit
          || prefix == UInt8(ascii: "b") && (peek(2) == UInt8(ascii: "0") || peek(2) == UInt8(ascii: "1"))
      {
        isHex = prefix == UInt8(ascii: "x")
        position += 2
        atBlockStart = true
      } else {
        position += 1
      }
      digits(atBlockStart: atBlockStart, hex: isHex)
      if position < source.count, peek() == UInt8(ascii: ".") {
        position += 1
        digits(atBlockStart: true, hex: isHex)
      }
      exponent(UInt8(ascii: isHex ? "p" : "e"))
    }
    guard position < source.count, peek().isWord else { return .number }
    skip { $0.isWord }
    return source[start..<position].allSatisfy { $0.isWord } ? .word : .symbol
  }

  private mutating func exponent(_ letter: UInt8) {
    guard position + 1 < source.count, peek() | 0x20 == letter else { return }
    position += 1
    if position + 1 < source.count, peek() == UInt8(ascii: "-") || peek() == UInt8(ascii: "+") { position += 1 }
    digits(atBlockStart: true, hex: false)
  }

  /// Digits with single underscores between them.
  private mutating func digits(atBlockStart: Bool, hex: Bool) {
    func isDigit(_ byte: UInt8) -> Bool { hex ? byte.isHexDigit : byte.isDigit }
    var atBlockStart = atBlockStart
    while position < source.count {
      let isSeparator = peek() == UInt8(ascii: "_") && !atBlockStart && isDigit(peek(1))
      guard isDigit(peek()) || isSeparator else { return }
      position += 1
      atBlockStart = false
    }
  }

  /// Between a value and a name, or the start of a number like `.5`.
  private mutating func dot() -> Token.Kind {
    let follows = [.closing, .word, .quotedIdentifier, .number].contains(previous)
    if position > 0, !peek(1).isDigit || follows { return symbol(.dot) }
    position += 1
    digits(atBlockStart: true, hex: false)
    exponent(UInt8(ascii: "e"))
    return .number
  }
}

extension UInt8 {
  var isDigit: Bool { self >= UInt8(ascii: "0") && self <= UInt8(ascii: "9") }
  fileprivate var isHexDigit: Bool { isDigit || (self | 0x20 >= UInt8(ascii: "a") && self | 0x20 <= UInt8(ascii: "f")) }
  /// What bare words consist of.
  fileprivate var isWord: Bool {
    isDigit || self == UInt8(ascii: "_") || (self | 0x20 >= UInt8(ascii: "a") && self | 0x20 <= UInt8(ascii: "z"))
  }
  fileprivate var isBlank: Bool { self == UInt8(ascii: " ") || (self >= 9 && self <= 13) }
}
