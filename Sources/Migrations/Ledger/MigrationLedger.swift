import ClickHouse

/// The table `schema_migrations`: what was applied to this database, statement by statement. A statement is entered before it
/// runs and after, so that a runner that dies in between leaves the place where the next one goes on.
struct MigrationLedger {
  let connection: ClickHouseConnection
  /// Who writes.
  let runner: String

  func create() throws(ClickHouseError) {
    try connection.execute(
      """
      CREATE TABLE IF NOT EXISTS schema_migrations
      (
          version            UInt16,
          file               String,
          statement          UInt32                 COMMENT 'place in the file, from 1',
          line               UInt32                 COMMENT 'of its first word',
          state              LowCardinality(String) COMMENT 'started, finished, failed; applied: the whole file',
          file_checksum      String                 COMMENT 'SHA-256',
          statement_checksum String                 COMMENT 'SHA-256',
          detail             String                 COMMENT 'the server''s words, if it failed',
          runner             String,
          applied_at         DateTime64(3, 'UTC') DEFAULT now64(3)
      )
      ENGINE = MergeTree
      ORDER BY (version, applied_at)
      SETTINGS enable_block_number_column = 1
      """)
  }

  /// All lines in the order they were written; none if there is no ledger yet.
  func read() throws(ClickHouseError) -> [LedgerEntry] {
    let rows: [TextRow]
    do throws(ClickHouseError) {
      rows = try connection.rows(
        """
        SELECT version, file, statement, state, file_checksum, statement_checksum
        FROM schema_migrations ORDER BY _block_number
        """)
    } catch {
      if error.isUnknownTable { return [] }
      throw error
    }
    return try rows.map { row throws(ClickHouseError) in
      guard row.count == 6, let version = Int(row[0]), let statement = Int(row[2]),
        let state = LedgerEntry.State(rawValue: row[3])
      else { throw .protocolViolation("schema_migrations holds a line this version does not know: \(row)") }
      return LedgerEntry(
        version: version, file: row[1], statement: statement, state: state, fileChecksum: row[4],
        statementChecksum: row[5])
    }
  }

  func append(_ entry: LedgerEntry, line: Int, detail: String = "") throws(ClickHouseError) {
    try connection.execute(
      """
      INSERT INTO schema_migrations
          (version, file, statement, line, state, file_checksum, statement_checksum, detail, runner)
      SELECT {version:UInt16}, {file:String}, {statement:UInt32}, {line:UInt32}, {state:String}, {fileChecksum:String},
          {statementChecksum:String}, {detail:String}, {runner:String}
      """,
      parameters: [
        "version": entry.version, "file": entry.file, "statement": entry.statement, "line": line,
        "state": entry.state.rawValue, "fileChecksum": entry.fileChecksum,
        "statementChecksum": entry.statementChecksum, "detail": detail, "runner": runner,
      ], settings: ["async_insert": "0"])
  }
}

extension ClickHouseError {
  private func isServer(_ codes: Int...) -> Bool {
    if case .server(let code, _, _) = self { codes.contains(code) } else { false }
  }
  var isUnknownTable: Bool { isServer(60) }
  var isUnknownDatabase: Bool { isServer(81) }
  var isRefusedLogin: Bool { isServer(516, 192, 193, 194) }
  var isAccessDenied: Bool { isServer(497) }
}
