import Blocking
import Foundation
import Postgres

/// Applies the files of a folder to a Postgres database, each statement once, one runner at a time. Blocking.
///
/// A statement and its line in the ledger are one transaction: killed at any moment, a runner leaves whole statements, and
/// the next goes on behind the last of them.
package final class PostgresMigrationRunner {
  private let migrations: [Migration]
  private let database: String
  /// One session for all: the lock belongs to it.
  private let connection: PostgresConnection
  private let ledger: PostgresLedger

  /// For what is no statement of a file.
  private static let patience = Duration.seconds(30)
  /// A statement may take as long as it needs.
  private static let longest = Duration.seconds(86400 * 7)

  /// - Parameters:
  ///   - migrations: of ``Dialect/postgres``.
  ///   - configuration: names the database, which exists, and a user who may create tables in it.
  package init(_ migrations: [Migration], _ configuration: PostgresConfiguration) {
    self.migrations = migrations
    database = configuration.database
    connection = PostgresConnection(configuration, reconnects: false)
    ledger = PostgresLedger(
      runner: "\(ProcessInfo.processInfo.hostName):\(ProcessInfo.processInfo.processIdentifier)")
  }

  private var soon: ContinuousClock.Instant { .now + Self.patience }

  /// The files compared with the ledger; changes nothing. A database without a ledger has all pending.
  package func plan() throws(MigrationError) -> MigrationPlan {
    let lines = try MigrationError.wrap("reading the ledger of \(database)") { () throws(PostgresError) in
      do throws(PostgresError) {
        var lines: [LedgerEntry] = []
        for row in try connection.run(PostgresLedger.read(), until: soon) {
          lines.append(try PostgresLedger.entry(row))
        }
        return lines
      } catch {
        // There is no such table.
        if error.sqlState == "42P01" { return [] }
        throw error
      }
    }
    return try MigrationPlan(migrations, ledger: lines)
  }

  /// Applies what is pending, up to and with number `last` if given, and returns the files it applied. If another runner is at
  /// work, waits for it up to `lockTimeout` and does what is left.
  package func up(
    to last: Int? = nil, lockTimeout: Duration = .seconds(60), progress: (MigrationProgress) -> Void = { _ in }
  ) throws(MigrationError) -> [Migration] {
    guard try !pending(last).isEmpty else { return [] }
    try acquire(lockTimeout, progress)
    // If this fails, the lock ends with the session.
    defer { try? PostgresMigrationLock(connection: connection).release(until: soon) }
    try MigrationError.wrap("preparing the ledger of \(database)") { () throws(PostgresError) in
      _ = try connection.run(PostgresLedger.create, until: soon)
    }
    // Another runner may have done it all meanwhile.
    var done: [Migration] = []
    for step in try pending(last) {
      try apply(step, progress)
      done.append(step.migration)
    }
    return done
  }

  private func pending(_ last: Int?) throws(MigrationError) -> [MigrationPlan.Step] {
    try plan().pending.filter { $0.migration.version <= last ?? .max }
  }

  private func acquire(_ timeout: Duration, _ progress: (MigrationProgress) -> Void) throws(MigrationError) {
    let lock = PostgresMigrationLock(connection: connection)
    let start = ContinuousClock.now
    var told: String?
    while true {
      let holder = try MigrationError.wrap("taking the lock of \(database)") { () throws(PostgresError) in
        try lock.tryAcquire(until: soon)
      }
      guard let holder else { return }
      if told != holder { progress(.waiting(runner: holder)) }
      told = holder
      let waited = ContinuousClock.now - start
      if waited >= timeout { throw .locked(by: holder, waitedSeconds: Int(waited.components.seconds)) }
      BlockingThread.sleep(.milliseconds(200))
    }
  }

  private func apply(_ step: MigrationPlan.Step, _ progress: (MigrationProgress) -> Void) throws(MigrationError) {
    let migration = step.migration
    progress(.file(migration, from: step.finished + 1))
    for statement in step.remaining {
      try run(statement, of: migration, progress)
    }
    // Of a file that lost the statements it had not applied, nothing was left to run.
    if step.remaining.isEmpty {
      try MigrationError.wrap("writing the ledger of \(database)") { () throws(PostgresError) in
        _ = try connection.run(line(migration, migration.statements.last!, .applied), until: soon)
      }
    }
    progress(.applied(migration))
  }

  private func run(
    _ statement: Statement, of migration: Migration, _ progress: (MigrationProgress) -> Void
  ) throws(MigrationError) {
    let start = ContinuousClock.now
    var calls = [PostgresStatement(unprepared: statement.text)(), line(migration, statement, .finished)]
    if statement.number == migration.statements.count { calls.append(line(migration, statement, .applied)) }
    do {
      try connection.transaction(until: .now + Self.longest) { $0.runWithCommit(calls) }
    } catch {
      let refusal = DatabaseError.postgres(error as? PostgresError ?? .protocolViolation("\(error)"))
      if case .postgres(.server) = refusal {
        _ = try? connection.run(line(migration, statement, .failed, "\(refusal)"), until: soon)
      }
      throw .statement(file: migration.file, number: statement.number, line: statement.line, refusal)
    }
    progress(.statement(migration, statement, seconds: (ContinuousClock.now - start) / .seconds(1)))
  }

  private func line(
    _ migration: Migration, _ statement: Statement, _ state: LedgerEntry.State, _ detail: String = ""
  ) -> PostgresCall {
    ledger.append(LedgerEntry(migration, statement, state), line: statement.line, detail: detail)
  }
}
