/// A piece of SQL as the server's lexer sees it.
struct Token: Equatable {
  enum Kind: Equatable {
    case blank, comment
    case word, number, string, quotedIdentifier
    case semicolon, dot, opening, closing, closingBrace
    /// Any other byte or pair of bytes, also one that the server will refuse.
    case symbol
    /// Opened and not closed before the end.
    case unclosed(Construct)

    /// Part of a statement, not between statements' parts.
    var isSignificant: Bool { self != .blank && self != .comment }
  }

  enum Construct: String {
    case string = "a string"
    case doubleQuotes = "a name in double quotes"
    case backticks = "a name in backticks"
    case dollarQuotes = "a string in dollar quotes"
    case comment = "a comment"
  }

  let kind: Kind
  /// Byte offsets in the source.
  let range: Range<Int>
}
