import ArgumentParser
import Settings

struct SettingsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "settings",
    abstract: "Print every setting: variable, default, meaning.",
    discussion: """
      What is printed are declarations, not what the environment says. .env.example and docs/settings.md are made so:

        kartoteka settings --format env > .env.example
        kartoteka settings --format markdown > docs/settings.md
      """)

  enum Format: String, CaseIterable, ExpressibleByArgument {
    case text, env, markdown
  }

  @Option(help: ArgumentHelp("Form: text, env or markdown.", valueName: "form"))
  var format = Format.text
  @Option(
    help: ArgumentHelp(
      "With the form text: only what this role reads: \(SettingReader.allCases.map(\.rawValue).joined(separator: ", ")).",
      valueName: "role"))
  var role: SettingReader?

  func validate() throws {
    if role != nil, format != .text { throw ValidationError("--role is for the form text.") }
  }

  func run() {
    switch format {
    case .text: print(SettingsPage.text(readBy: role))
    case .env: print(SettingsPage.environmentFile(), terminator: "")
    case .markdown: print(SettingsPage.markdown(), terminator: "")
    }
  }
}

extension SettingReader: ExpressibleByArgument {}
