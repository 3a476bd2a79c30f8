import ClickHouse
import Foundation
import Migrations
import Settings

extension Settings {
  /// Who may create databases, users and roles; nil if nobody is named and the local platform's `default` is not to be assumed.
  func clickHouseAdmin(database: String = "") throws(SettingError) -> ClickHouseConfiguration? {
    guard isLocal || text("CLICKHOUSE_ADMIN_USER") != nil || text("CLICKHOUSE_ADMIN_PASSWORD") != nil else {
      return nil
    }
    do {
      return try ClickHouseConfiguration(
        url: text("CLICKHOUSE_URL", default: "http://localhost:8123"), database: database,
        user: text("CLICKHOUSE_ADMIN_USER", default: "default"),
        password: text("CLICKHOUSE_ADMIN_PASSWORD", default: ""))
    } catch { throw SettingError("CLICKHOUSE_URL", "is no address of a ClickHouse server: \(error)") }
  }

  func writerAccount() throws(SettingError) -> AccessControl.User {
    let writer = try clickHouseWriter()
    return AccessControl.User(name: writer.user, password: writer.password)
  }

  func readerAccount() throws(SettingError) -> AccessControl.User {
    AccessControl.User(
      name: text("CLICKHOUSE_USER_READER", default: "analytics_reader"),
      password: try secret("CLICKHOUSE_PASSWORD_READER", localDefault: "reader-local").revealed)
  }

  var databaseName: String { text("CLICKHOUSE_DATABASE", default: "analytics") }

  /// The folder of migrations: `KARTOTEKA_MIGRATIONS`, else `clickhouse` here, else the one beside the program's sources.
  func migrationFolder() throws(SettingError) -> String {
    if let named = text("KARTOTEKA_MIGRATIONS") { return named }
    let here = FileManager.default.currentDirectoryPath + "/clickhouse"
    if Self.holdsMigrations(here) { return here }
    var folder = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
    while folder.path != "/" {
      let candidate = folder.appending(path: "clickhouse").path
      if Self.holdsMigrations(candidate) { return candidate }
      folder = folder.deletingLastPathComponent()
    }
    throw SettingError(
      "KARTOTEKA_MIGRATIONS",
      "is not set, and neither the working folder nor one above the program has a folder clickhouse with *.sql files")
  }

  private static func holdsMigrations(_ folder: String) -> Bool {
    (try? FileManager.default.contentsOfDirectory(atPath: folder))?.contains { $0.hasSuffix(".sql") } ?? false
  }
}
