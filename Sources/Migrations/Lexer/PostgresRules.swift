/// What has no place in a migration of Postgres: each statement runs in a transaction of its own, with its line in the ledger.
enum PostgresRules {
  /// Why the statement of these words, upper-case, is refused; nil if it is not. `words` holds the ones outside parentheses.
  static func refusal(_ words: [String]) -> String? {
    guard let first = words.first else { return nil }
    let second = words.count > 1 ? words[1] : ""
    switch first {
    case "SET", "RESET", "DISCARD", "LOCK":
      return "\(first) would end with its statement, as each is a transaction of its own: "
        + "write it into the statement that needs it, or name things with their schema"
    case "BEGIN", "START", "COMMIT", "END", "ROLLBACK", "ABORT", "SAVEPOINT", "RELEASE", "PREPARE":
      return "\(first) does not belong in a migration: each statement is a transaction of its own"
    case "COPY" where words.contains("STDIN") || words.contains("STDOUT"):
      return "COPY with data does not belong in a migration: use INSERT"
    case "VACUUM", "CLUSTER":
      return outside(first)
    case "CREATE" where ["DATABASE", "TABLESPACE"].contains(second),
      "DROP" where ["DATABASE", "TABLESPACE"].contains(second), "ALTER" where second == "SYSTEM",
      "REINDEX" where ["DATABASE", "SYSTEM"].contains(second):
      return outside("\(first) \(second)")
    default:
      return words.contains("CONCURRENTLY") ? outside("CONCURRENTLY") : nil
    }
  }

  private static func outside(_ what: String) -> String {
    "\(what) cannot run in a transaction, in which each statement of a migration runs with its line in the ledger"
  }
}
