/// One line of the ledger: what happened to a statement, or to a whole file. Lines are only ever added.
package struct LedgerEntry: Sendable, Equatable {
  package enum State: String, Sendable, Equatable {
    /// About to run. Without a later line its outcome is unknown.
    case started
    case finished
    case failed
    /// All statements of the file are finished.
    case applied
  }

  package let version: Int
  package let file: String
  /// From 1; the last one's for `applied`.
  package let statement: Int
  package let state: State
  package let fileChecksum: String
  package let statementChecksum: String

  package init(
    version: Int, file: String, statement: Int, state: State, fileChecksum: String, statementChecksum: String
  ) {
    self.version = version
    self.file = file
    self.statement = statement
    self.state = state
    self.fileChecksum = fileChecksum
    self.statementChecksum = statementChecksum
  }

  init(_ migration: Migration, _ statement: Statement, _ state: State) {
    self.init(
      version: migration.version, file: migration.file, statement: statement.number, state: state,
      fileChecksum: migration.checksum, statementChecksum: statement.checksum)
  }
}
