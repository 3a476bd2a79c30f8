import ArgumentParser
import Settings

struct DecksCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "decks",
    abstract: "Decks, cards and learning: the decks service and its database.",
    subcommands: [DecksServe.self, ServiceMigrate<DecksDatabase>.self], defaultSubcommand: DecksServe.self)
}

enum DecksDatabase: ServiceDatabase {
  static let name = "decks"
  static var url: KeyPath<DeclaredSettings, Setting<Secret>> { \.databases.decks }
}
