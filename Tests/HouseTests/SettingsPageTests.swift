import Settings
import Testing

@Suite struct HouseSettingsTests {
  @Test func theEnvironmentFileIsWhatIsPrinted() throws {
    #expect(
      try Repository.text(".env.example") == SettingsPage.environmentFile(),
      "run: kartoteka settings --format env > .env.example")
  }

  @Test func theSettingsPageIsWhatIsPrinted() throws {
    #expect(
      try Repository.text("docs/settings.md") == SettingsPage.markdown(),
      "run: kartoteka settings --format markdown > docs/settings.md")
  }

  /// Told by one of our programs to another; nobody sets them by hand.
  private static let internalNames: Set<String> = [
    "KARTOTEKA_PROFILE", "KARTOTEKA_SERVERS", "KARTOTEKA_BINARY", "KARTOTEKA_DAEMON", "KARTOTEKA_OULAD",
    "KARTOTEKA_CLICKHOUSE_DATA", "KARTOTEKA_CLICKHOUSE_TMP", "KARTOTEKA_CLICKHOUSE_USER_FILES",
    "KARTOTEKA_CLICKHOUSE_FORMAT_SCHEMAS", "KARTOTEKA_CLICKHOUSE_ACCESS", "KARTOTEKA_CLICKHOUSE_USERS_XML",
    // ClickHouse's own.
    "CLICKHOUSE_WATCHDOG_ENABLE",
    // The code of a failure.
    "EMAIL_TAKEN",
  ]

  @Test func everyNameThatIsReadIsDeclared() throws {
    let declared = Set(DeclaredSettings().groups.flatMap(\.settings).map(\.declaration.name))
    let prefixes = Set(declared.map { $0.prefix { $0 != "_" } })
    #expect(declared.isDisjoint(with: Self.internalNames))
    var seen: Set<String> = []
    for folder in ["Sources", "scripts", "Benchmarks", "Tests/Chaos", "Tests/IntegrationTests", "clickhouse/server"] {
      for (path, text) in try Repository.files(under: folder) {
        // Quoted, or expanded by a shell, or taken by ClickHouse from its environment.
        for match in text.matches(of: /(?:["']|\$\{?|from_env=")([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+)(?:["'}:]|\b)/) {
          let name = String(match.1)
          guard prefixes.contains(name.prefix { $0 != "_" }), name != "S3_INTERNAL" else { continue }
          seen.insert(name)
          #expect(declared.contains(name) || Self.internalNames.contains(name), "\(path) reads \(name)")
        }
      }
    }
    #expect(seen.isSuperset(of: ["CLICKHOUSE_URL", "KARTOTEKA_S3_PORT", "LOG_LEVEL"]), "the search finds nothing")
  }

  /// The scripts read `.env` by themselves; what they take for a default is the declared one.
  @Test func theScriptsHaveTheDeclaredDefaults() throws {
    let settings = DeclaredSettings().groups.flatMap(\.settings).map(\.declaration)
    let defaults = Dictionary(uniqueKeysWithValues: settings.map { ($0.name, $0.defaultText) })
    var compared = 0
    for (path, text) in try Repository.files(under: "scripts") {
      for match in text.matches(of: /"([A-Z][A-Z0-9_]+)"\)? ?(?:,|or) ?"?([^",)\n]+)/) {
        guard let fallback = defaults[String(match.1)], match.2.contains(/^[a-z0-9]/) else { continue }
        compared += 1
        #expect(fallback == match.2, "\(path): \(match.1)")
      }
    }
    #expect(compared >= 10)
  }

  @Test func onlySettingsReadTheEnvironment() throws {
    for (path, text) in try Repository.files(under: "Sources") where path.hasSuffix(".swift") {
      let reads = text.contains(/ProcessInfo\.processInfo\.environment|\bgetenv\(/)
      #expect(!reads || path == "Sources/Settings/Settings.swift", "\(path) reads the environment by itself")
    }
  }
}
