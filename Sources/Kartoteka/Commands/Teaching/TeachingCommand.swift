import ArgumentParser
import Settings

struct TeachingCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "teaching",
    abstract: "Courses, enrolments and progress: the teaching service and its database.",
    subcommands: [TeachingServe.self, ServiceMigrate<TeachingDatabase>.self], defaultSubcommand: TeachingServe.self)
}

enum TeachingDatabase: ServiceDatabase {
  static let name = "teaching"
  static var url: KeyPath<DeclaredSettings, Setting<Secret>> { \.databases.teaching }
}
