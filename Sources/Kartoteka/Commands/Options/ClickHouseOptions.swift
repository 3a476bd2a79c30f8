import ArgumentParser
import Settings

/// Where ClickHouse is, for every command that asks it.
struct ClickHouseOptions: ParsableArguments {
  @Option(help: .setting(\.clickHouse.url, valueName: "url"))
  var clickhouse: String?
  @Option(help: .setting(\.clickHouse.database, valueName: "name"))
  var database: String?

  /// The environment's settings with these flags on top.
  var settings: Settings {
    Settings().overriding(\.clickHouse.url, with: clickhouse).overriding(\.clickHouse.database, with: database)
  }
}
