import CSQLite

/// Makes the bytes of a SQLite database of statements.
package enum SQLiteMaker {
  package static func database(_ statements: [String]) -> [UInt8] {
    var handle: OpaquePointer?
    precondition(sqlite3_open(":memory:", &handle) == SQLITE_OK, "SQLite opens nothing")
    defer { sqlite3_close(handle) }
    sqlite3_create_collation_v2(handle, "unicase", SQLITE_UTF8, nil, { _, _, _, _, _ in 0 }, nil)
    for statement in statements {
      var message: UnsafeMutablePointer<CChar>?
      let code = sqlite3_exec(handle, statement, nil, nil, &message)
      precondition(code == SQLITE_OK, "\(message.map { String(cString: $0) } ?? "") in \(statement.prefix(200))")
    }
    var count: sqlite3_int64 = 0
    guard let bytes = sqlite3_serialize(handle, "main", &count, 0) else { preconditionFailure("SQLite gives no bytes") }
    defer { sqlite3_free(bytes) }
    return Array(UnsafeBufferPointer(start: bytes, count: Int(count)))
  }

  package static func quoted(_ text: String) -> String { "'" + text.replacing("'", with: "''") + "'" }
}
