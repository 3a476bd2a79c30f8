import ArgumentParser
import Settings

struct UsersCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "users",
    abstract: "People and their passwords: the users service, its database, its first manager.",
    subcommands: [UsersServe.self, ServiceMigrate<UsersDatabase>.self, AddManager.self],
    defaultSubcommand: UsersServe.self)
}

enum UsersDatabase: ServiceDatabase {
  static let name = "users"
  static var url: KeyPath<DeclaredSettings, Setting<Secret>> { \.databases.users }
}
