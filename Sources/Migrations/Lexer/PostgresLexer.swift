/// Cuts SQL into tokens where Postgres's lexer does (its src/backend/parser/scan.l, version 15, with
/// standard_conforming_strings on), as far as it matters for finding the semicolons that end statements.
///
/// Tokens cover the input without gaps; nothing is rejected but what is opened and never closed.
struct PostgresLexer: Lexer {
  private let source: [UInt8]
  private var position = 0

  init(_ source: [UInt8]) {
    self.source = source
  }

  mutating func next() -> Token? {
    guard position < source.count else { return nil }
    let start = position
    let kind = scan()
    return Token(kind: kind, range: start..<position)
  }

  /// The byte `distance` after the position; 0 beyond the end.
  private func peek(_ distance: Int = 0) -> UInt8 { byte(at: position + distance) }

  private func byte(at index: Int) -> UInt8 { index < source.count ? source[index] : 0 }

  private mutating func scan() -> Token.Kind {
    let byte = source[position]
    switch byte {
    case _ where byte.isPostgresBlank:
      skip { $0.isPostgresBlank }
      return .blank
    case UInt8(ascii: "'"): return string(escapes: false)
    case UInt8(ascii: "\""): return quotedIdentifier()
    case UInt8(ascii: ";"): return symbol(.semicolon)
    case UInt8(ascii: "("): return symbol(.opening)
    case UInt8(ascii: ")"): return symbol(.closing)
    case UInt8(ascii: "$"): return dollar()
    case UInt8(ascii: "-") where peek(1) == UInt8(ascii: "-"):
      skip { !$0.isLineEnd }
      return .comment
    case UInt8(ascii: "/") where peek(1) == UInt8(ascii: "*"): return blockComment()
    case UInt8(ascii: "e") where peek(1) == UInt8(ascii: "'"), UInt8(ascii: "E") where peek(1) == UInt8(ascii: "'"):
      position += 1
      return string(escapes: true)
    case _ where byte.isDigit:
      skip { $0.isDigit }
      return .number
    case _ where byte.beginsPostgresName:
      // U&'…', b'…', x'…' and n'…' have no escapes that hide a quote: a name, and a string behind it.
      skip { $0.continuesPostgresName }
      return .word
    default: return symbol(.symbol)
    }
  }

  private mutating func skip(while condition: (UInt8) -> Bool) {
    while position < source.count, condition(source[position]) { position += 1 }
  }

  private mutating func symbol(_ kind: Token.Kind) -> Token.Kind {
    position += 1
    return kind
  }

  private mutating func toEnd(_ construct: Token.Construct) -> Token.Kind {
    position = source.count
    return .unclosed(construct)
  }

  private mutating func blockComment() -> Token.Kind {
    position += 2
    var depth = 1
    while position + 1 < source.count {
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

  /// From the opening quote. A string that goes on behind a line's end goes on with the same rules: in `E'a'` and, a line
  /// below, `'\';'` no statement ends.
  private mutating func string(escapes: Bool) -> Token.Kind {
    position += 1
    while position < source.count {
      let byte = source[position]
      position += 1
      if byte == UInt8(ascii: "\\"), escapes {
        guard position < source.count else { break }
        position += 1
      } else if byte == UInt8(ascii: "'") {
        if peek() == UInt8(ascii: "'") {
          position += 1
        } else if let next = continuation() {
          position = next
        } else {
          return .string
        }
      }
    }
    return toEnd(.string)
  }

  /// Behind a string's closing quote: the place after the quote by which it goes on, behind blanks and comments with a
  /// line's end among them.
  private func continuation() -> Int? {
    var index = position
    var sawLineEnd = false
    while index < source.count {
      if source[index].isPostgresBlank {
        sawLineEnd = sawLineEnd || source[index].isLineEnd
        index += 1
      } else if source[index] == UInt8(ascii: "-"), byte(at: index + 1) == UInt8(ascii: "-") {
        while index < source.count, !source[index].isLineEnd { index += 1 }
      } else {
        return sawLineEnd && source[index] == UInt8(ascii: "'") ? index + 1 : nil
      }
    }
    return nil
  }

  private mutating func quotedIdentifier() -> Token.Kind {
    position += 1
    while position < source.count {
      let byte = source[position]
      position += 1
      guard byte == UInt8(ascii: "\"") else { continue }
      guard peek() == UInt8(ascii: "\"") else { return .quotedIdentifier }
      position += 1
    }
    return toEnd(.doubleQuotes)
  }

  /// `$tag$…$tag$`, where the tag is a name without dollar signs, or nothing; else a lone sign, of `$1` for one.
  private mutating func dollar() -> Token.Kind {
    var end = position + 1
    if byte(at: end).beginsPostgresName {
      while end < source.count, source[end].continuesPostgresName, source[end] != UInt8(ascii: "$") { end += 1 }
    }
    guard byte(at: end) == UInt8(ascii: "$"), end < source.count else { return symbol(.symbol) }
    let tag = source[position...end]
    var place = end + 1
    while place + tag.count <= source.count {
      if source[place] == UInt8(ascii: "$"), source[place..<place + tag.count].elementsEqual(tag) {
        position = place + tag.count
        return .string
      }
      place += 1
    }
    return toEnd(.dollarQuotes)
  }
}

extension UInt8 {
  fileprivate var isLineEnd: Bool { self == UInt8(ascii: "\n") || self == UInt8(ascii: "\r") }
  fileprivate var isPostgresBlank: Bool { self == UInt8(ascii: " ") || self == 9 || self == 12 || isLineEnd }
  fileprivate var beginsPostgresName: Bool {
    (self | 0x20 >= UInt8(ascii: "a") && self | 0x20 <= UInt8(ascii: "z")) || self == UInt8(ascii: "_") || self >= 0x80
  }
  fileprivate var continuesPostgresName: Bool { beginsPostgresName || isDigit || self == UInt8(ascii: "$") }
}
