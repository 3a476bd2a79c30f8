import Digests

/// The statements of one file of SQL.
package struct Script: Sendable, Equatable {
  package let statements: [Statement]

  /// Splits at the semicolons that the server would see. What lies between two statements is blanks, comments and
  /// semicolons only; an empty statement is none.
  /// - Throws: ``ScriptError`` if something is opened and never closed, or a statement cannot work in a migration.
  package init(_ source: [UInt8], _ dialect: Dialect = .clickHouse) throws(ScriptError) {
    var lexer = dialect.lexer(source)
    var nesting = StatementNesting()
    var statements: [Statement] = []
    var tokens: [Token] = []
    var line = 1
    var firstLine = 1

    func finish() throws(ScriptError) {
      guard let first = tokens.first, let last = tokens.last else { return }
      try Self.check(tokens, source, dialect, line: firstLine)
      statements.append(
        Statement(
          number: statements.count + 1, line: firstLine, range: first.range.lowerBound..<last.range.upperBound,
          source: source))
      tokens = []
      nesting = StatementNesting()
    }

    // Postgres takes its statements as C strings: the rest of one would be lost.
    if dialect == .postgres, let place = source.firstIndex(of: 0) {
      throw ScriptError(line: 1 + source[..<place].count { $0 == UInt8(ascii: "\n") }, reason: "holds a NUL byte")
    }
    while let token = lexer.next() {
      if case .unclosed(let construct) = token.kind {
        throw ScriptError(line: line, reason: "\(construct.rawValue) is opened here and never closed")
      }
      if token.kind == .semicolon, nesting.isOutermost {
        try finish()
      } else if token.kind.isSignificant {
        if tokens.isEmpty { firstLine = line }
        tokens.append(token)
        if dialect == .postgres { nesting.take(token, source) }
      }
      line += source[token.range].count { $0 == UInt8(ascii: "\n") }
    }
    try finish()
    self.statements = statements
  }

  /// Refuses what would run otherwise than it reads.
  private static func check(
    _ tokens: [Token], _ source: [UInt8], _ dialect: Dialect, line: Int
  ) throws(ScriptError) {
    func word(_ index: Int) -> String? {
      guard index < tokens.count, tokens[index].kind == .word else { return nil }
      return String(decoding: source[tokens[index].range], as: UTF8.self).uppercased()
    }
    if dialect == .postgres {
      var depth = 0
      var words: [String] = []
      for index in tokens.indices {
        switch tokens[index].kind {
        case .opening: depth += 1
        case .closing: depth -= 1
        case .word where depth == 0: words.append(word(index)!)
        default: break
        }
      }
      if let reason = PostgresRules.refusal(words) { throw ScriptError(line: line, reason: reason) }
      return
    }
    switch word(0) {
    case "SET", "USE":
      throw ScriptError(
        line: line,
        reason: "\(word(0)!) would end with its statement, as each is a request of its own: "
          + "write SETTINGS, or the database, into the statement that needs it")
    case "INSERT":
      var depth = 0
      for index in tokens.indices {
        switch tokens[index].kind {
        case .opening: depth += 1
        case .closing, .closingBrace: depth -= 1
        case .word where depth == 0:
          if ["SELECT", "WITH", "VALUES", "FROM"].contains(word(index)!) { return }
          if word(index) == "FORMAT", let format = word(index + 1), format != "VALUES" {
            throw ScriptError(
              line: line, reason: "INSERT … FORMAT with data does not belong in a migration: use VALUES or SELECT")
          }
        default: break
        }
      }
    default: break
    }
  }
}

/// One statement of a file, without the semicolon.
package struct Statement: Sendable, Equatable {
  /// Its place in the file, from 1.
  package let number: Int
  /// The line of its first word, from 1.
  package let line: Int
  /// Its bytes in the file.
  package let range: Range<Int>
  package let text: String
  /// SHA-256 of its bytes, in hexadecimal.
  package let checksum: String

  init(number: Int, line: Int, range: Range<Int>, source: [UInt8]) {
    self.number = number
    self.line = line
    self.range = range
    text = String(decoding: source[range], as: UTF8.self)
    checksum = Digest.sha256.hexadecimal(of: Array(source[range]))
  }
}

/// SQL that cannot be split, or a statement that has no place in a migration.
package struct ScriptError: Error, Sendable, Equatable {
  /// From 1.
  package let line: Int
  package let reason: String
}
