package struct ClickHouseSettings: SettingGroup {
  package static let title = "ClickHouse"
  private static let all: [SettingReader] = [.collector, .audit, .analytics, .migrate, .deadLetters, .load, .seedDemo]
  private static let writers: [SettingReader] = [.collector, .audit, .migrate, .deadLetters]
  private static let readers: [SettingReader] = [.analytics, .migrate, .load, .seedDemo]

  package let url = Setting(
    "CLICKHOUSE_URL", .url, default: "http://localhost:8123", by: all + [.scripts],
    "Address of ClickHouse's HTTP interface. If set, the scripts start no server.")
  package let database = Setting(
    "CLICKHOUSE_DATABASE", .text, default: "analytics", by: all, "Database with the migrated tables.")
  package let userWriter = Setting(
    "CLICKHOUSE_USER_WRITER", .text, default: "analytics_writer", by: writers, "Who writes the tables.")
  package let passwordWriter = Setting(
    "CLICKHOUSE_PASSWORD_WRITER", localDefault: "writer-local", by: writers, "Password of the writer.")
  package let userReader = Setting(
    "CLICKHOUSE_USER_READER", .text, default: "analytics_reader", by: readers, "Who only reads the tables.")
  package let passwordReader = Setting(
    "CLICKHOUSE_PASSWORD_READER", localDefault: "reader-local", by: readers, "Password of the reader.")
  package let adminUser = Setting(
    "CLICKHOUSE_ADMIN_USER", .text, absent: "default, where KARTOTEKA_ENV is local", by: [.migrate],
    "The administrator with which `kartoteka migrate` makes the database, the roles and the two users.")
  package let adminPassword = Setting(
    "CLICKHOUSE_ADMIN_PASSWORD", .secret, absent: "no password", by: [.migrate], "Password of the administrator.")
  package let migrations = Setting(
    "KARTOTEKA_MIGRATIONS", .text, absent: "the folder clickhouse here or above the program", by: [.migrate],
    "Folder of the numbered files that `kartoteka migrate` applies.")
  package let lockTimeout = Setting(
    "MIGRATE_LOCK_TIMEOUT", .duration(in: .zero ... .seconds(86400)), default: "60s", by: [.migrate],
    "How long `kartoteka migrate up` waits for another one at work.")
  package let lockLease = Setting(
    "MIGRATE_LOCK_LEASE", .duration(in: .seconds(1) ... .seconds(3600)), default: "20s", by: [.migrate],
    "How long the lock of a runner that died holds.")
  package let deadLettersKeep = Setting(
    "DEAD_LETTERS_KEEP", .duration(in: .seconds(3600) ... .seconds(36525 * 86400)), absent: "for ever", by: [.migrate],
    "How long `kartoteka migrate up` has ClickHouse keep dead letters, as in 90d.")
}
