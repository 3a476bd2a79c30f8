import ArgumentParser

struct Kartoteka: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "kartoteka",
    abstract: "A flashcard platform's events, from Kafka to ClickHouse to answers.",
    version: "0.1.0",
    subcommands: [
      AnalyticsCommand.self,
      AuthCommand.self,
      CollectorCommand.self,
      DeadLettersCommand.self,
      DecksCommand.self,
      GatewayCommand.self,
      LoadCommand.self,
      MigrateCommand.self,
      SchemaCommand.self,
      SeedDemoCommand.self,
      SettingsCommand.self,
      TeachingCommand.self,
      TopicsCommand.self,
      UsersCommand.self,
    ])
}
