import Blocking
import ClickHouse
import Foundation

/// Applies the files of a folder to a database, each statement once, one runner at a time. Blocking: it waits for ClickHouse.
package final class MigrationRunner {
  private let migrations: [Migration]
  private let configuration: ClickHouseConfiguration
  private let connection: ClickHouseConnection
  private let ledger: MigrationLedger
  private let leaseMs: Int

  /// - Parameters:
  ///   - configuration: names the database, which exists, and a user who may create tables and views in it.
  ///   - leaseMs: after how long the lock of a runner that died is free.
  package init(_ migrations: [Migration], _ configuration: ClickHouseConfiguration, leaseMs: Int = 20_000) {
    self.migrations = migrations
    self.configuration = configuration
    self.leaseMs = leaseMs
    connection = ClickHouseConnection(configuration)
    ledger = MigrationLedger(
      connection: connection,
      runner: "\(ProcessInfo.processInfo.hostName):\(ProcessInfo.processInfo.processIdentifier)")
  }

  /// The files compared with the ledger; changes nothing. A database without a ledger, or no database, has all pending.
  package func plan() throws(MigrationError) -> MigrationPlan {
    let lines = try MigrationError.wrap("reading the ledger of \(configuration.database)") {
      () throws(ClickHouseError) in
      do throws(ClickHouseError) {
        return try ledger.read()
      } catch {
        if error.isUnknownDatabase { return [] }
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
    let lock = MigrationLock(connection: connection, runner: ledger.runner, leaseMs: leaseMs)
    try MigrationError.wrap("preparing the ledger of \(configuration.database)") { () throws(ClickHouseError) in
      try ledger.create()
      try lock.create()
    }
    let heldSince = try acquire(lock, lockTimeout, progress)
    let keeper = LeaseKeeper(lock, configuration, heldSince: heldSince)
    defer {
      keeper.end()
      // If this fails, the lease runs out by itself.
      if !keeper.lost.isRaised { try? lock.release() }
    }
    // Another runner may have done it all meanwhile.
    var done: [Migration] = []
    for step in try pending(last) {
      try apply(step, keeper, progress)
      done.append(step.migration)
    }
    return done
  }

  private func pending(_ last: Int?) throws(MigrationError) -> [MigrationPlan.Step] {
    try plan().pending.filter { $0.migration.version <= last ?? .max }
  }

  /// Returns when the successful claim was sent.
  private func acquire(
    _ lock: MigrationLock, _ timeout: Duration, _ progress: (MigrationProgress) -> Void
  ) throws(MigrationError) -> ContinuousClock.Instant {
    let start = ContinuousClock.now
    var told: String?
    while true {
      let sent = ContinuousClock.now
      let holder = try MigrationError.wrap("taking the lock of \(configuration.database)") {
        () throws(ClickHouseError) in try lock.tryAcquire()
      }
      guard let holder else { return sent }
      if told != holder { progress(.waiting(runner: holder)) }
      told = holder
      let waited = ContinuousClock.now - start
      if waited >= timeout { throw .locked(by: holder, waitedSeconds: Int(waited.components.seconds)) }
      BlockingThread.sleep(.milliseconds(200))
    }
  }

  private func apply(
    _ step: MigrationPlan.Step, _ keeper: LeaseKeeper, _ progress: (MigrationProgress) -> Void
  ) throws(MigrationError) {
    let migration = step.migration
    progress(.file(migration, from: step.finished + 1))
    for statement in step.remaining {
      try run(statement, of: migration, keeper, progress)
    }
    try enter(migration, migration.statements.last!, .applied)
    progress(.applied(migration))
  }

  private func run(
    _ statement: Statement, of migration: Migration, _ keeper: LeaseKeeper, _ progress: (MigrationProgress) -> Void
  ) throws(MigrationError) {
    if keeper.lost.isRaised { throw .lockLost(file: migration.file, number: statement.number) }
    try enter(migration, statement, .started)
    let start = ContinuousClock.now
    do throws(ClickHouseError) {
      // However long it takes: the lock is renewed meanwhile.
      connection.requestTimeoutMs = 0
      defer { connection.requestTimeoutMs = configuration.requestTimeoutMs }
      try connection.execute(
        statement.text, parameters: ["database": configuration.database],
        settings: ["alter_sync": "2", "mutations_sync": "2", "wait_end_of_query": "1", "async_insert": "0"],
        cancellation: keeper.lost)
    } catch {
      if error == .cancelled { throw .lockLost(file: migration.file, number: statement.number) }
      try? enter(migration, statement, .failed, detail: "\(error)")
      throw .statement(file: migration.file, number: statement.number, line: statement.line, .clickHouse(error))
    }
    try enter(migration, statement, .finished)
    progress(.statement(migration, statement, seconds: (ContinuousClock.now - start) / .seconds(1)))
  }

  private func enter(
    _ migration: Migration, _ statement: Statement, _ state: LedgerEntry.State, detail: String = ""
  ) throws(MigrationError) {
    try MigrationError.wrap("writing the ledger of \(configuration.database)") { () throws(ClickHouseError) in
      try ledger.append(LedgerEntry(migration, statement, state), line: statement.line, detail: detail)
    }
  }
}
