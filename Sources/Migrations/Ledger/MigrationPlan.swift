/// What there is to do: the files compared with the ledger. Pure.
package struct MigrationPlan: Sendable, Equatable {
  package struct Step: Sendable, Equatable {
    package let migration: Migration
    /// How many of its statements the ledger has as finished.
    package let finished: Int
    /// Whether the last attempt at the next statement failed.
    package let failed: Bool
    package let isApplied: Bool

    /// The statements still to run.
    package var remaining: ArraySlice<Statement> { isApplied ? [] : migration.statements[finished...] }
  }

  /// Every file, by number.
  package let steps: [Step]

  /// The files that are not wholly applied.
  package var pending: [Step] { steps.filter { !$0.isApplied } }

  /// Compares; throws if what is applied is not what the files say.
  /// - Parameter ledger: in the order it was written.
  package init(_ migrations: [Migration], ledger: [LedgerEntry]) throws(MigrationError) {
    let entries = Dictionary(grouping: ledger, by: \.version)
    for (version, lines) in entries.sorted(by: { $0.key < $1.key }) where version > migrations.count || version < 1 {
      throw .missing(file: lines.last!.file)
    }
    var steps: [Step] = []
    for migration in migrations { steps.append(try Self.step(migration, entries[migration.version] ?? [])) }
    let applied = steps.indices.filter { steps[$0].isApplied || steps[$0].finished > 0 }
    if let last = applied.last, let gap = steps[..<last].first(where: { !$0.isApplied }) {
      throw .skipped(file: gap.migration.file, before: steps[last].migration.file)
    }
    self.steps = steps
  }

  private static func step(_ migration: Migration, _ lines: [LedgerEntry]) throws(MigrationError) -> Step {
    if let applied = lines.last(where: { $0.state == .applied }) {
      guard applied.file == migration.file else { throw .missing(file: applied.file) }
      guard applied.fileChecksum == migration.checksum else { throw .changed(file: migration.file) }
      return Step(migration: migration, finished: migration.statements.count, failed: false, isApplied: true)
    }
    var finished = 0
    while let done = lines.last(where: { $0.state == .finished && $0.statement == finished + 1 }) {
      guard finished < migration.statements.count, migration.statements[finished].checksum == done.statementChecksum
      else {
        let line = finished < migration.statements.count ? migration.statements[finished].line : 0
        throw .changedStatement(file: migration.file, number: finished + 1, line: line)
      }
      finished += 1
    }
    let failed = lines.last { $0.statement == finished + 1 }?.state == .failed
    return Step(migration: migration, finished: finished, failed: failed, isApplied: false)
  }
}
