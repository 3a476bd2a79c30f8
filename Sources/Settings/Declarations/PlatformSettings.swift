package struct PlatformSettings: SettingGroup {
  package static let title = "The platform"

  package let environment = Setting(
    "KARTOTEKA_ENV", .text, default: "local",
    by: [
      .collector, .audit, .analytics, .migrate, .deadLetters, .load, .seedDemo, .gateway, .auth, .users, .decks,
      .teaching,
    ],
    "local: the well-known default secrets are accepted. Anything else, as production: they are refused at start.")
}

/// The servers that the scripts start; the program itself reads none of these.
package struct LocalServerSettings: SettingGroup {
  package static let title = "Ports of the servers that `make demo` and `make run` start"

  package let clickHouseHTTPPort = Setting(
    "KARTOTEKA_CLICKHOUSE_HTTP_PORT", .port(allowsAny: false), default: "8123", by: [.scripts],
    "ClickHouse's HTTP interface.")
  package let clickHouseTCPPort = Setting(
    "KARTOTEKA_CLICKHOUSE_TCP_PORT", .port(allowsAny: false), default: "9000", by: [.scripts],
    "ClickHouse's native interface.")
  package let kafkaPort = Setting(
    "KARTOTEKA_KAFKA_PORT", .port(allowsAny: false), default: "9092", by: [.scripts], "The broker.")
  package let s3Port = Setting(
    "KARTOTEKA_S3_PORT", .port(allowsAny: false), default: "9002", by: [.scripts], "The S3 store.")
  package let s3ConsolePort = Setting(
    "KARTOTEKA_S3_CONSOLE_PORT", .port(allowsAny: false), default: "9001", by: [.scripts], "The S3 store's console.")
  package let redisPort = Setting(
    "KARTOTEKA_REDIS_PORT", .port(allowsAny: false), default: "6378", by: [.scripts], "Redis.")
  package let postgresUsersPort = Setting(
    "KARTOTEKA_POSTGRES_USERS_PORT", .port(allowsAny: false), default: "5433", by: [.scripts],
    "Postgres of the users.")
  package let postgresDecksPort = Setting(
    "KARTOTEKA_POSTGRES_DECKS_PORT", .port(allowsAny: false), default: "5435", by: [.scripts],
    "Postgres of the decks.")
  package let postgresTeachingPort = Setting(
    "KARTOTEKA_POSTGRES_TEACHING_PORT", .port(allowsAny: false), default: "5436", by: [.scripts],
    "Postgres of the courses.")
}
