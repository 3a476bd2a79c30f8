import ClickHouse
import Foundation
import Migrations
import Settings

extension Settings {
  /// Who may create databases, users and roles; nil if nobody is named and the local platform's `default` is not to be assumed.
  func clickHouseAdmin(database: String = "") throws(SettingError) -> ClickHouseConfiguration? {
    let (user, password) = (try self[\.clickHouse.adminUser], try self[\.clickHouse.adminPassword])
    guard isLocal || user != nil || password != nil else { return nil }
    return try clickHouse(user: user ?? "default", password: password ?? Secret(""), database: database)
  }

  func writerAccount() throws(SettingError) -> AccessControl.User {
    let writer = try clickHouseWriter()
    return AccessControl.User(name: writer.user, password: writer.password)
  }

  func readerAccount() throws(SettingError) -> AccessControl.User {
    AccessControl.User(
      name: try self[\.clickHouse.userReader], password: try self[\.clickHouse.passwordReader].revealed)
  }

  /// The folder of migrations: `KARTOTEKA_MIGRATIONS`, else `clickhouse` here, else the one beside the program's sources.
  func migrationFolder() throws(SettingError) -> String {
    try migrationFolder(\.clickHouse.migrations, "clickhouse")
  }

  /// The folder of a service's migrations: `POSTGRES_MIGRATIONS`, else `postgres` as above; and in it the service's.
  func migrationFolder(of service: String) throws(SettingError) -> String {
    if let named = try self[\.databases.migrations] { return "\(named)/\(service)" }
    return try migrationFolder(\.databases.migrations, "postgres/\(service)")
  }

  private func migrationFolder(
    _ setting: KeyPath<DeclaredSettings, Setting<String?>>, _ path: String
  ) throws(SettingError) -> String {
    if let named = try self[setting] { return named }
    let here = FileManager.default.currentDirectoryPath + "/" + path
    if Self.holdsMigrations(here) { return here }
    var folder = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
    while folder.path != "/" {
      let candidate = folder.appending(path: path).path
      if Self.holdsMigrations(candidate) { return candidate }
      folder = folder.deletingLastPathComponent()
    }
    throw SettingError(
      DeclaredSettings()[keyPath: setting].declaration.name,
      "is not set, and neither the working folder nor one above the program has a folder \(path) with *.sql files")
  }

  private static func holdsMigrations(_ folder: String) -> Bool {
    (try? FileManager.default.contentsOfDirectory(atPath: folder))?.contains { $0.hasSuffix(".sql") } ?? false
  }
}
