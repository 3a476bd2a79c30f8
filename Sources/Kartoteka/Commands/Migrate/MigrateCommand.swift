import ArgumentParser
import ClickHouse
import Foundation
import JSON
import Migrations
import Settings

struct MigrateCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "migrate",
    abstract: "Bring a ClickHouse database to the state the numbered files of clickhouse/ describe.",
    discussion: """
      `up` creates the database, the roles and the users (as CLICKHOUSE_ADMIN_USER), then applies the files that the ledger \
      `schema_migrations` does not have, as the writer. It may be run again at any time, also by several at once; a file that \
      is applied in part goes on at the statement that is not done.

      \(SettingsPage.text(readBy: .migrate))

      Elsewhere than on the local platform, leave out both ADMIN variables to touch no roles and users: the database, the \
      writer and its rights must then be there.

      Exit codes: 0 done or nothing to do, 1 failed, 2 files are pending (status).
      """,
    subcommands: [Up.self, Status.self, Plan.self])

  /// What all subcommands take.
  struct Target: ParsableArguments {
    @Option(help: .setting(\.clickHouse.migrations, valueName: "folder"))
    var directory: String?
    @OptionGroup var clickHouse: ClickHouseOptions

    var settings: Settings { clickHouse.settings.overriding(\.clickHouse.migrations, with: directory) }

    /// The files compared with the ledger, read as the writer, or as the administrator where the writer is not there yet.
    func plan() throws -> MigrationPlan {
      let settings = settings
      let migrations = try Migration.load(folder: settings.migrationFolder())
      do {
        return try MigrationRunner(migrations, settings.clickHouseWriter()).plan()
      } catch let error as MigrationError where error.isRefusal {
        guard let admin = try settings.clickHouseAdmin(database: settings[\.clickHouse.database]) else { throw error }
        return try MigrationRunner(migrations, admin).plan()
      }
    }
  }
}

extension MigrateCommand {
  struct Up: BlockingCommand {
    static let configuration = CommandConfiguration(abstract: "Apply what is pending.")

    @OptionGroup var target: Target
    @Option(help: "Apply files up to and with this number only.")
    var to: Int?
    @Option(help: .setting(\.clickHouse.lockTimeout, valueName: "time"))
    var lockTimeout: String?

    func work() throws {
      let settings = target.settings.overriding(\.clickHouse.lockTimeout, with: lockTimeout)
      let timeout = try settings[\.clickHouse.lockTimeout]
      let migrations = try Migration.load(folder: settings.migrationFolder())
      try MigrationReport.check(to, in: migrations)
      try prepare(settings)
      let lease = try settings[\.clickHouse.lockLease]
      let runner = MigrationRunner(migrations, try settings.clickHouseWriter(), leaseMs: lease.wholeMilliseconds)
      let applied = try runner.up(to: to, lockTimeout: timeout) { MigrationReport.say(MigrationReport.line($0)) }
      if to == nil { try keepDeadLetters(settings) }
      let database = try settings[\.clickHouse.database]
      MigrationReport.say(MigrationReport.summary(database, applied, of: migrations))
    }

    private func keepDeadLetters(_ settings: Settings) throws {
      let keep = try settings[\.clickHouse.deadLettersKeep]
      let retention = DeadLetterRetention(seconds: keep.map { $0.wholeMilliseconds / 1000 })
      if try retention.apply(to: ClickHouseConnection(settings.clickHouseWriter())) {
        MigrationReport.say("dead letters are kept \(keep.map(DurationText.text) ?? "for ever")")
      }
    }

    /// Database, roles and users, if there is an administrator to make them.
    private func prepare(_ settings: Settings) throws {
      guard let admin = try settings.clickHouseAdmin() else { return }
      do {
        try AccessControl(admin: ClickHouseConnection(admin), database: settings[\.clickHouse.database])
          .apply(writer: settings.writerAccount(), reader: settings.readerAccount())
      } catch let error as MigrationError where error.isRefusal && !settings.isSet(\.clickHouse.adminUser) {
        MigrationReport.say(
          "roles and users are left as they are, as ClickHouse refuses its user \(admin.user): \(error)")
      }
    }
  }

  struct Status: BlockingCommand {
    static let configuration = CommandConfiguration(
      abstract: "Say which files are applied; exit code 2 if some are not.")

    @OptionGroup var target: Target
    @Flag(help: "Print a JSON array: number, file, state, statements, finished.")
    var json = false

    func work() throws { try MigrationReport.status(of: target.plan(), json: json) }
  }

  struct Plan: BlockingCommand {
    static let configuration = CommandConfiguration(abstract: "Print the statements that `up` would run, and run none.")

    @OptionGroup var target: Target
    @Option(help: "Files up to and with this number only.")
    var to: Int?

    func work() throws { try MigrationReport.pending(target.plan(), to: to) }
  }
}
