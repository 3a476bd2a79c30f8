/// Whose SQL a file holds.
package enum Dialect: Sendable {
  case clickHouse, postgres
}

/// Cuts SQL into tokens exactly where the server's own lexer does, as far as it matters for finding the semicolons that end
/// statements. Tokens cover the input without gaps.
protocol Lexer {
  /// The next token; nil at the end.
  mutating func next() -> Token?
}

extension Dialect {
  func lexer(_ source: [UInt8]) -> any Lexer {
    switch self {
    case .clickHouse: ClickHouseLexer(source)
    case .postgres: PostgresLexer(source)
    }
  }
}
