/// Where a semicolon of Postgres's SQL ends no statement: within parentheses (`CREATE RULE … DO (a; b)`), and in a routine's
/// `BEGIN ATOMIC … END`. As psql reckons.
struct StatementNesting {
  private var parentheses = 0
  private var blocks = 0
  private var words: [String] = []
  private var previous = ""

  var isOutermost: Bool { parentheses == 0 && blocks == 0 }

  mutating func take(_ token: Token, _ source: [UInt8]) {
    switch token.kind {
    case .opening: parentheses += 1
    case .closing: parentheses = max(0, parentheses - 1)
    case .word where parentheses == 0:
      let word = String(decoding: source[token.range], as: UTF8.self).lowercased()
      if words.count < 4 { words.append(word) }
      switch word {
      case "atomic" where previous == "begin" && isRoutine && blocks == 0: blocks = 1
      case "case" where blocks > 0: blocks += 1
      case "end" where blocks > 0: blocks -= 1
      default: break
      }
      previous = word
      return
    default: break
    }
    previous = ""
  }

  private var isRoutine: Bool {
    let rest = words.starts(with: ["create", "or", "replace"]) ? words.dropFirst(3) : words.dropFirst()
    return words.first == "create" && (rest.first == "function" || rest.first == "procedure")
  }
}
