import Logging
import Settings
import Telemetry
import Testing

@Suite struct DeclarationTests {
  private let all = DeclaredSettings().groups.flatMap(\.settings)

  @Test func everyDefaultCanBeUsed() throws {
    #expect(all.count > 45)
    for setting in all { try setting.check(in: Settings(environment: [:])) }
  }

  @Test func everyDeclarationIsWhole() {
    #expect(Set(all.map(\.declaration.name)).count == all.count, "a name is declared twice")
    for declaration in all.map(\.declaration) {
      #expect(declaration.name.wholeMatch(of: /[A-Z][A-Z0-9]*(_[A-Z0-9]+)+/) != nil, "\(declaration.name)")
      #expect(!declaration.readers.isEmpty && !declaration.form.isEmpty, "\(declaration.name)")
      #expect(declaration.meaning.hasSuffix(".") || declaration.meaning.hasSuffix("…"), "\(declaration.name)")
      #expect(!(declaration.meaning + declaration.form).contains("|"), "\(declaration.name) would break its table")
    }
  }

  /// What `.env.example` shows commented out is what holds without it.
  @Test func theEnvironmentFileShowsTheDefaults() throws {
    var environment: [String: String] = [:]
    for line in SettingsPage.environmentFile().split(separator: "\n") {
      guard let match = line.wholeMatch(of: /# ([A-Z][A-Z0-9_]+)=(.*)/) else { continue }
      environment[String(match.1)] = String(match.2)
    }
    #expect(Set(environment.keys) == Set(all.map(\.declaration.name)))
    for setting in all { try setting.check(in: Settings(environment: environment)) }
  }

  @Test func theChoicesAreThoseOfTheirReaders() throws {
    for level in Logger.Level.allCases {
      #expect(try Settings(environment: ["LOG_LEVEL": level.rawValue])[\.logs.level] == level.rawValue)
    }
    for format in LogFormat.allCases {
      #expect(try Settings(environment: ["LOG_FORMAT": format.rawValue])[\.logs.format] == format.rawValue)
    }
  }

  @Test func helpNamesWhatARoleReads() {
    let help = SettingsPage.text(readBy: .topics)
    #expect(help.contains("KAFKA_REPLICATION_FACTOR  (what kafka/topics.yaml says)") && !help.contains("CLICKHOUSE"))
    for reader in SettingReader.allCases {
      #expect(SettingsPage.text(readBy: reader).split(separator: "\n").allSatisfy { $0.count <= 80 }, "\(reader)")
    }
  }
}
