import Postgres

/// The table `schema_migrations` of a Postgres database: what was applied to it, statement by statement. The line that a
/// statement is finished is committed with the statement, so there is no outcome that nobody knows.
struct PostgresLedger {
  /// Who writes.
  let runner: String

  static let create: [PostgresCall] = [
    PostgresStatement(
      unprepared: """
        CREATE TABLE IF NOT EXISTS schema_migrations
        (
            id                 bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
            version            integer     NOT NULL,
            file               text        NOT NULL,
            statement          integer     NOT NULL,
            line               integer     NOT NULL,
            state              text        NOT NULL CHECK (state IN ('finished', 'failed', 'applied')),
            file_checksum      text        NOT NULL,
            statement_checksum text        NOT NULL,
            detail             text        NOT NULL,
            runner             text        NOT NULL,
            applied_at         timestamptz NOT NULL DEFAULT clock_timestamp()
        )
        """)(),
    PostgresStatement(
      unprepared: """
        COMMENT ON TABLE schema_migrations IS
            'what was applied, statement by statement; lines are only ever added. Checksums are SHA-256'
        """)(),
  ]

  /// Reads all lines in the order they were written; fails with 42P01 if there is no ledger yet.
  static let read = PostgresStatement(
    unprepared: """
      SELECT version, file, statement, state, file_checksum, statement_checksum
      FROM schema_migrations ORDER BY id
      """)

  private static let append = PostgresStatement(
    unprepared: """
      INSERT INTO schema_migrations
          (version, file, statement, line, state, file_checksum, statement_checksum, detail, runner)
      VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
      """)

  static func entry(_ row: PostgresRow) throws(PostgresError) -> LedgerEntry {
    var reader = row.reader
    let (version, file, statement) = (
      try reader.next(Int.self), try reader.next(String.self), try reader.next(Int.self)
    )
    let name: String = try reader.next()
    guard let state = LedgerEntry.State(rawValue: name) else {
      throw .protocolViolation("schema_migrations holds a state this version does not know: \(name)")
    }
    return LedgerEntry(
      version: version, file: file, statement: statement, state: state, fileChecksum: try reader.next(),
      statementChecksum: try reader.next())
  }

  func append(_ entry: LedgerEntry, line: Int, detail: String = "") -> PostgresCall {
    Self.append(
      .int8(entry.version), .text(entry.file), .int8(entry.statement), .int8(line), .text(entry.state.rawValue),
      .text(entry.fileChecksum), .text(entry.statementChecksum), .text(detail), .text(runner))
  }
}
