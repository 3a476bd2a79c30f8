import CLibPQ

/// What one session has prepared.
struct StatementCache {
  /// A session that has prepared so many is replaced: the server keeps them all.
  static let limit = 1000

  struct Entry {
    /// As the server knows it.
    let serverName: String
    let sql: String
    let types: [Oid]

    func fits(_ statement: PostgresStatement, _ types: [Oid]) -> Bool {
      sql == statement.sql && self.types == types
    }
  }

  private var entries: [String: Entry] = [:]
  private var made = 0

  var isFull: Bool { made >= Self.limit }

  /// What is prepared under this statement's name; it may be of other SQL, or for parameters of other types.
  func entry(of statement: PostgresStatement) -> Entry? { entries[statement.name] }

  /// A new entry, under a name no other has; ``add(_:for:)`` it once the server has prepared it.
  mutating func make(_ statement: PostgresStatement, _ types: [Oid]) -> Entry {
    made += 1
    // The number comes first: the server cuts names at 63 bytes.
    return Entry(serverName: "\(made) \(statement.name)", sql: statement.sql, types: types)
  }

  mutating func add(_ entry: Entry, for name: String) { entries[name] = entry }
}
