import CSQLite

/// A database of strangers in memory, only read, by SQLite: nothing that its schema says is run.
///
/// Views, triggers, virtual tables and computed columns are refused before any table is read; sizes of values and statements are
/// bounded, an authorizer lets nothing but plain columns be read, and a handler ends what takes too long.
final class SQLiteDatabase {
  private static let magic = Array("SQLite format 3\0".utf8)
  /// Steps of SQLite's machine between two looks at the clock.
  private static let stepsPerLook: Int32 = 1000
  /// Of SQLite's own memory in this process, the database not counted: a schema takes many times its bytes.
  private static let heapBytes: sqlite3_int64 = 128 << 20

  private let handle: OpaquePointer
  /// SQLite reads it in place.
  private let content: UnpackedBytes
  private let allowance: Allowance

  init(_ content: UnpackedBytes, _ limits: AnkiLimits, _ allowance: Allowance) throws(AnkiPackageError) {
    let bytes = content.bytes
    guard bytes.count >= 512, bytes.starts(with: Self.magic) else {
      throw .malformedCollection("it is no SQLite database")
    }
    // One whose log has been put away says still that it wants one, which a database in memory cannot have.
    if bytes[18] == 2, bytes[19] == 2 { (bytes[18], bytes[19]) = (1, 1) }
    var opened: OpaquePointer?
    let flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_MEMORY | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_PRIVATECACHE
    guard sqlite3_open_v2(":memory:", &opened, flags, nil) == SQLITE_OK, let opened else {
      sqlite3_close_v2(opened)
      throw .malformedCollection("SQLite has no memory")
    }
    handle = opened
    self.content = content
    self.allowance = allowance
    restrict(limits)
    let count = sqlite3_int64(bytes.count)
    try check(
      sqlite3_deserialize(
        opened, "main", bytes.bindMemory(to: UInt8.self).baseAddress, count, count,
        UInt32(SQLITE_DESERIALIZE_READONLY)))
    try prove()
    // From here on plain columns of tables and nothing else.
    sqlite3_set_authorizer(
      opened,
      { _, action, _, _, _, inside in
        action == SQLITE_SELECT || action == SQLITE_READ && inside == nil ? SQLITE_OK : SQLITE_DENY
      }, nil)
  }

  deinit { sqlite3_close_v2(handle) }

  func hasTable(_ name: String) throws(AnkiPackageError) -> Bool {
    var found = false
    try rows("SELECT name FROM sqlite_schema") { row throws(AnkiPackageError) in
      if try row.text(0) == name { found = true }
    }
    return found
  }

  /// Reads the rows of a statement, in no order.
  func rows(
    _ sql: StaticString, _ take: (SQLiteRow) throws(AnkiPackageError) -> Void
  ) throws(AnkiPackageError) {
    var prepared: OpaquePointer?
    let code = sqlite3_prepare_v2(
      handle, UnsafeRawPointer(sql.utf8Start).assumingMemoryBound(to: CChar.self), Int32(sql.utf8CodeUnitCount),
      &prepared, nil)
    defer { sqlite3_finalize(prepared) }
    try check(code)
    guard let prepared else { throw .malformedCollection("a statement says nothing") }
    while true {
      let code = sqlite3_step(prepared)
      if code == SQLITE_DONE { return }
      guard code == SQLITE_ROW else { throw failure(code) }
      try allowance.check()
      try take(SQLiteRow(statement: prepared))
    }
  }

  private func restrict(_ limits: AnkiLimits) {
    for (option, isOn) in [
      (SQLITE_DBCONFIG_DEFENSIVE, true), (SQLITE_DBCONFIG_TRUSTED_SCHEMA, false), (SQLITE_DBCONFIG_ENABLE_VIEW, false),
      (SQLITE_DBCONFIG_ENABLE_TRIGGER, false), (SQLITE_DBCONFIG_DQS_DDL, false), (SQLITE_DBCONFIG_DQS_DML, false),
    ] { kt_sqlite_switch(handle, Int32(option), isOn ? 1 : 0) }
    for (limit, value) in [
      (SQLITE_LIMIT_LENGTH, limits.valueBytes), (SQLITE_LIMIT_SQL_LENGTH, 64 << 10), (SQLITE_LIMIT_COLUMN, 64),
      (SQLITE_LIMIT_EXPR_DEPTH, 16), (SQLITE_LIMIT_COMPOUND_SELECT, 2), (SQLITE_LIMIT_VDBE_OP, 50_000),
      (SQLITE_LIMIT_FUNCTION_ARG, 8), (SQLITE_LIMIT_ATTACHED, 0), (SQLITE_LIMIT_LIKE_PATTERN_LENGTH, 64),
      (SQLITE_LIMIT_VARIABLE_NUMBER, 8), (SQLITE_LIMIT_TRIGGER_DEPTH, 1), (SQLITE_LIMIT_WORKER_THREADS, 0),
    ] { sqlite3_limit(handle, Int32(limit), Int32(value)) }
    sqlite3_progress_handler(
      handle, Self.stepsPerLook,
      { allowance in
        let isOver = Unmanaged<Allowance>.fromOpaque(allowance!).takeUnretainedValue().isOver
        return isOver || sqlite3_memory_used() > SQLiteDatabase.heapBytes ? 1 : 0
      },
      Unmanaged.passUnretained(allowance).toOpaque())
    // Of Anki's own, by which the names of its tables are sorted: known, so that those tables can be read at all.
    sqlite3_create_collation_v2(
      handle, "unicase", SQLITE_UTF8, nil,
      { _, firstCount, first, secondCount, second in
        let (first, second) = (
          UnsafeRawBufferPointer(start: first, count: Int(firstCount)),
          UnsafeRawBufferPointer(start: second, count: Int(secondCount))
        )
        return first.elementsEqual(second) ? 0 : first.lexicographicallyPrecedes(second) ? -1 : 1
      }, nil)
  }

  /// That the schema holds nothing that could run, and that the pages are a database: each of them in one place.
  private func prove() throws(AnkiPackageError) {
    try rows("PRAGMA cell_size_check = ON") { _ in }
    // Checks of a table are expressions of strangers.
    try rows("PRAGMA ignore_check_constraints = ON") { _ in }
    try rows("SELECT type, rootpage FROM sqlite_schema") { row throws(AnkiPackageError) in
      let type = try row.text(0)
      guard type == "table" || type == "index", try row.integer(1) > 0 else {
        throw .malformedCollection("it has a view, a trigger or a virtual table")
      }
    }
    // In every table, not only in those that are read: what is computed would be so when the pages are checked.
    try rows(
      """
      SELECT columns.hidden FROM sqlite_schema AS tables JOIN pragma_table_xinfo(tables.name) AS columns
      WHERE tables.type = 'table'
      """
    ) { row throws(AnkiPackageError) in
      guard try row.integer(0) == 0 else { throw .malformedCollection("it has a column that is computed") }
    }
    try rows("PRAGMA quick_check(1)") { row throws(AnkiPackageError) in
      guard try row.text(0) == "ok" else { throw .malformedCollection("its pages are damaged") }
    }
  }

  private func check(_ code: Int32) throws(AnkiPackageError) {
    guard code == SQLITE_OK else { throw failure(code) }
  }

  private func failure(_ code: Int32) -> AnkiPackageError {
    if code & 0xFF == SQLITE_INTERRUPT {
      do throws(AnkiPackageError) { try allowance.check() } catch { return error }
    }
    return .malformedCollection(String(cString: sqlite3_errstr(code)))
  }
}

/// The row that a statement is at.
struct SQLiteRow {
  fileprivate let statement: OpaquePointer

  /// - Throws: where there is something else than a whole number.
  func integer(_ column: Int32) throws(AnkiPackageError) -> Int64 {
    guard sqlite3_column_type(statement, column) == SQLITE_INTEGER else {
      throw .malformedCollection("a number is none")
    }
    return sqlite3_column_int64(statement, column)
  }

  /// - Throws: where there is no text, or one that is not Unicode.
  func text(_ column: Int32) throws(AnkiPackageError) -> String {
    guard sqlite3_column_type(statement, column) == SQLITE_TEXT else { throw .malformedCollection("a text is none") }
    let start = sqlite3_column_text(statement, column)
    let count = Int(sqlite3_column_bytes(statement, column))
    guard let text = String(validating: UnsafeBufferPointer(start: start, count: count), as: UTF8.self) else {
      throw .malformedCollection("a text is not UTF-8")
    }
    return text
  }

  /// - Throws: where there are no bytes.
  func bytes(_ column: Int32) throws(AnkiPackageError) -> [UInt8] {
    guard sqlite3_column_type(statement, column) == SQLITE_BLOB else { throw .malformedCollection("bytes are none") }
    let count = Int(sqlite3_column_bytes(statement, column))
    return Array(UnsafeRawBufferPointer(start: sqlite3_column_blob(statement, column), count: count))
  }
}
