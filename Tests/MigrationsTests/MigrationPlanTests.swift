import Migrations
import Testing

/// Files against the ledger.
@Suite struct MigrationPlanTests {
  private func migrations(_ sources: String...) throws -> [Migration] {
    try Migration.ordered(sources.enumerated().map { ("000\($0 + 1)_m.sql", Array($1.utf8)) })
  }

  private func line(_ migration: Migration, _ statement: Int, _ state: LedgerEntry.State) -> LedgerEntry {
    LedgerEntry(
      version: migration.version, file: migration.file, statement: statement, state: state,
      fileChecksum: migration.checksum, statementChecksum: migration.statements[statement - 1].checksum)
  }

  @Test func anEmptyLedgerLeavesAllPending() throws {
    let plan = try MigrationPlan(migrations("A; B", "C"), ledger: [])
    #expect(plan.pending.map(\.migration.version) == [1, 2])
    #expect(plan.pending[0].remaining.map(\.text) == ["A", "B"])
  }

  @Test func anAppliedFileIsDone() throws {
    let files = try migrations("A; B", "C")
    let plan = try MigrationPlan(files, ledger: [line(files[0], 1, .finished), line(files[0], 2, .applied)])
    #expect(plan.pending.map(\.migration.version) == [2])
    #expect(plan.steps[0].remaining.isEmpty)
  }

  @Test func aHalfAppliedFileGoesOnAtTheFirstUnfinishedStatement() throws {
    let files = try migrations("A; B; C")
    var ledger = [line(files[0], 1, .started), line(files[0], 1, .finished), line(files[0], 2, .started)]
    #expect(try MigrationPlan(files, ledger: ledger).steps[0].remaining.map(\.text) == ["B", "C"])
    ledger.append(line(files[0], 2, .failed))
    #expect(try MigrationPlan(files, ledger: ledger).steps[0].failed)
    ledger += [line(files[0], 2, .started), line(files[0], 2, .finished)]
    #expect(try !MigrationPlan(files, ledger: ledger).steps[0].failed)
    #expect(try MigrationPlan(files, ledger: ledger).steps[0].remaining.map(\.text) == ["C"])
    // Died between the last statement and the note that the file is done.
    ledger.append(line(files[0], 3, .finished))
    let last = try MigrationPlan(files, ledger: ledger).steps[0]
    #expect(last.remaining.isEmpty && !last.isApplied)
  }

  @Test func aChangedFileIsRefusedByName() throws {
    let old = try migrations("A; B")
    let ledger = [line(old[0], 2, .applied)]
    #expect(throws: MigrationError.changed(file: "0001_m.sql")) {
      try MigrationPlan(migrations("A; B -- better"), ledger: ledger)
    }
  }

  @Test func ofAHalfAppliedFileOnlyTheRestMayChange() throws {
    let old = try migrations("A;\nB;\nC")
    let ledger = [line(old[0], 1, .finished), line(old[0], 2, .started), line(old[0], 2, .failed)]
    #expect(try MigrationPlan(migrations("A;\nmended"), ledger: ledger).steps[0].remaining.map(\.text) == ["mended"])
    #expect(throws: MigrationError.changedStatement(file: "0001_m.sql", number: 1, line: 2)) {
      try MigrationPlan(migrations("\nchanged; B; C"), ledger: ledger)
    }
    let both = ledger + [line(old[0], 2, .finished)]
    #expect(throws: MigrationError.changedStatement(file: "0001_m.sql", number: 2, line: 0)) {
      try MigrationPlan(migrations("A"), ledger: both)
    }
  }

  @Test func aMissingOrRenamedFileIsNamed() throws {
    let files = try migrations("A", "B")
    let ledger = [line(files[0], 1, .applied), line(files[1], 1, .applied)]
    #expect(throws: MigrationError.missing(file: "0002_m.sql")) {
      try MigrationPlan(Array(files.prefix(1)), ledger: ledger)
    }
    let renamed = [try Migration(file: "0001_other.sql", source: Array("A".utf8)), files[1]]
    #expect(throws: MigrationError.missing(file: "0001_m.sql")) { try MigrationPlan(renamed, ledger: ledger) }
  }
}
