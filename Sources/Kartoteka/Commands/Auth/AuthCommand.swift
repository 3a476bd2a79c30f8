import ArgumentParser

struct AuthCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "auth",
    abstract: "Who somebody is: logins, sessions and tokens, and the keys that sign them.",
    subcommands: [AuthServe.self, AuthKeys.self], defaultSubcommand: AuthServe.self)
}
