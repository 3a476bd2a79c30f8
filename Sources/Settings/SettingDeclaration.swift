/// What a person has to know of a setting: its line in `.env.example`, in `--help` and in docs/settings.md.
package struct SettingDeclaration: Sendable, Equatable {
  /// The environment variable.
  package let name: String
  /// What may be written there, with its unit and bounds.
  package let form: String
  /// As it would be written in the environment; empty when there is none.
  package let defaultText: String
  /// What holds without a value, when that is not one that could be written.
  package let absence: String?
  /// One sentence, or a few.
  package let meaning: String
  package let readers: [SettingReader]
  /// Never shown, and its default is refused outside the local platform.
  package let isSecret: Bool
}

/// Who reads a setting: a role of the program, or the scripts of the local platform.
package enum SettingReader: String, Sendable, CaseIterable {
  case collector, audit, analytics, migrate, topics
  case deadLetters = "deadletters"
  case load
  case seedDemo = "seed-demo"
  case gateway, auth, users, decks, teaching
  case scripts
}

/// A setting whatever the type of its value.
package protocol DeclaredSetting: Sendable {
  var declaration: SettingDeclaration { get }
  /// - Throws: `SettingError` as reading the value would.
  func check(in settings: Settings) throws(SettingError)
}
