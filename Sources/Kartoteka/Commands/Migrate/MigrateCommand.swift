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
      if let to, !migrations.contains(where: { $0.version == to }) {
        throw ValidationError("There is no file with number \(to); they go from 1 to \(migrations.count).")
      }
      try prepare(settings)
      let lease = try settings[\.clickHouse.lockLease]
      let runner = MigrationRunner(migrations, try settings.clickHouseWriter(), leaseMs: lease.wholeMilliseconds)
      let applied = try runner.up(to: to, lockTimeout: timeout) { Self.say(Self.line($0)) }
      if to == nil { try keepDeadLetters(settings) }
      let database = try settings[\.clickHouse.database]
      Self.say(
        applied.isEmpty
          ? "\(database): nothing to do"
          : "\(database): \(applied.count) of \(migrations.count) files applied")
    }

    private func keepDeadLetters(_ settings: Settings) throws {
      let keep = try settings[\.clickHouse.deadLettersKeep]
      let retention = DeadLetterRetention(seconds: keep.map { $0.wholeMilliseconds / 1000 })
      if try retention.apply(to: ClickHouseConnection(settings.clickHouseWriter())) {
        Self.say("dead letters are kept \(keep.map(DurationText.text) ?? "for ever")")
      }
    }

    /// Database, roles and users, if there is an administrator to make them.
    private func prepare(_ settings: Settings) throws {
      guard let admin = try settings.clickHouseAdmin() else { return }
      do {
        try AccessControl(admin: ClickHouseConnection(admin), database: settings[\.clickHouse.database])
          .apply(writer: settings.writerAccount(), reader: settings.readerAccount())
      } catch let error as MigrationError where error.isRefusal && !settings.isSet(\.clickHouse.adminUser) {
        Self.say("roles and users are left as they are, as ClickHouse refuses its user \(admin.user): \(error)")
      }
    }

    /// At once, also into a file or pipe, so that a long statement can be watched.
    private static func say(_ line: String) { FileHandle.standardOutput.write(Data((line + "\n").utf8)) }

    private static func line(_ progress: MigrationProgress) -> String {
      switch progress {
      case .waiting(let runner): "waiting for another runner (\(runner))"
      case .file(let migration, let from):
        from == 1 ? migration.file : "\(migration.file), going on at statement \(from)"
      case .statement(let migration, let statement, let seconds):
        "  statement \(statement.number) of \(migration.statements.count), line \(statement.line)"
          + "  \((seconds * 1000).rounded().formatted(.number.grouping(.never))) ms"
      case .applied(let migration): "  \(migration.file) applied"
      }
    }
  }

  struct Status: BlockingCommand {
    static let configuration = CommandConfiguration(
      abstract: "Say which files are applied; exit code 2 if some are not.")

    @OptionGroup var target: Target
    @Flag(help: "Print a JSON array: number, file, state, statements, finished.")
    var json = false

    private struct Line: Encodable {
      let number: Int
      let file: String
      let state: String
      let statements: Int
      let finished: Int

      init(_ step: MigrationPlan.Step) {
        number = step.migration.version
        file = step.migration.file
        statements = step.migration.statements.count
        finished = step.finished
        state = step.isApplied ? "applied" : step.failed ? "failed" : step.finished > 0 ? "partly" : "pending"
      }
    }

    func work() throws {
      let plan = try target.plan()
      let lines = plan.steps.map(Line.init)
      if json {
        print(try EncodedJSON.document(lines, keys: .camelCase))
      } else {
        for line in lines {
          let part = line.state == "applied" ? "" : "  \(line.finished) of \(line.statements) statements done"
          print(line.state.padding(toLength: 9, withPad: " ", startingAt: 0) + line.file + part)
        }
      }
      if !plan.pending.isEmpty { throw ExitCode(2) }
    }
  }

  struct Plan: BlockingCommand {
    static let configuration = CommandConfiguration(abstract: "Print the statements that `up` would run, and run none.")

    @OptionGroup var target: Target
    @Option(help: "Files up to and with this number only.")
    var to: Int?

    func work() throws {
      let pending = try target.plan().pending.filter { $0.migration.version <= to ?? .max }
      if pending.isEmpty { print("-- nothing to do") }
      for step in pending {
        for statement in step.remaining {
          print("-- \(step.migration.file), statement \(statement.number), line \(statement.line)")
          print(statement.text + ";\n")
        }
      }
    }
  }
}
