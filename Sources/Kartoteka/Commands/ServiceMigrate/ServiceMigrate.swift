import ArgumentParser
import Migrations
import Postgres
import Settings

/// A service with a database of its own, whose schema the files of `postgres/<name>/` describe.
protocol ServiceDatabase {
  static var name: String { get }
  static var url: KeyPath<DeclaredSettings, Setting<Secret>> { get }
}

/// `kartoteka SERVICE migrate`.
struct ServiceMigrate<Database: ServiceDatabase>: ParsableCommand {
  static var configuration: CommandConfiguration {
    let setting = DeclaredSettings()[keyPath: Database.url].declaration.name
    return CommandConfiguration(
      commandName: "migrate",
      abstract: "Bring the service's database to the state the numbered files of postgres/\(Database.name)/ describe.",
      discussion: """
        The database is the one that \(setting) names; it must exist, and its user must be allowed to create tables in it. \
        `up` may be run again at any time, also by several at once; a statement and its line in the ledger \
        `schema_migrations` are one transaction, and a file that is applied in part goes on behind its last statement.

        Exit codes: 0 done or nothing to do, 1 failed, 2 files are pending (status).
        """,
      subcommands: [Up.self, Status.self, Plan.self], defaultSubcommand: Up.self)
  }

  /// What all subcommands take.
  struct Target: ParsableArguments {
    @Option(help: .setting(\.databases.migrations, valueName: "folder"))
    var directory: String?

    func migrations() throws -> [Migration] {
      let settings = Settings().overriding(\.databases.migrations, with: directory)
      return try Migration.load(folder: settings.migrationFolder(of: Database.name), dialect: .postgres)
    }

    func runner(_ migrations: [Migration]) throws -> PostgresMigrationRunner {
      PostgresMigrationRunner(migrations, try Settings().postgres(Database.url, as: Database.name))
    }

    func plan() throws -> MigrationPlan { try runner(migrations()).plan() }
  }

  struct Up: BlockingCommand {
    static var configuration: CommandConfiguration { .init(commandName: "up", abstract: "Apply what is pending.") }

    @OptionGroup var target: Target
    @Option(help: "Apply files up to and with this number only.")
    var to: Int?

    func work() throws {
      let migrations = try target.migrations()
      try MigrationReport.check(to, in: migrations)
      let applied = try target.runner(migrations).up(to: to) { MigrationReport.say(MigrationReport.line($0)) }
      MigrationReport.say(MigrationReport.summary(Database.name, applied, of: migrations))
    }
  }

  struct Status: BlockingCommand {
    static var configuration: CommandConfiguration {
      .init(commandName: "status", abstract: "Say which files are applied; exit code 2 if some are not.")
    }

    @OptionGroup var target: Target
    @Flag(help: "Print a JSON array: number, file, state, statements, finished.")
    var json = false

    func work() throws { try MigrationReport.status(of: target.plan(), json: json) }
  }

  struct Plan: BlockingCommand {
    static var configuration: CommandConfiguration {
      .init(commandName: "plan", abstract: "Print the statements that `up` would run, and run none.")
    }

    @OptionGroup var target: Target
    @Option(help: "Files up to and with this number only.")
    var to: Int?

    func work() throws { try MigrationReport.pending(target.plan(), to: to) }
  }
}
