import ClickHouse
import Foundation
import RealServers

/// A database of one test's own with the repository's migrations applied; it is dropped when the test lets go of it.
final class TestDatabase {
  let name = "test_\(UUID().uuidString.prefix(8).lowercased())"
  let admin: ClickHouseConnection
  let writer: ClickHouseConnection
  let reader: ClickHouseConnection

  init() throws {
    let administrator = ClickHouseConnection(try ClickHouseServer.configuration())
    let migrated = try Kartoteka.run(
      ["migrate", "up"],
      environment: [
        "CLICKHOUSE_DATABASE": name, "KARTOTEKA_MIGRATIONS": Kartoteka.root.appending(path: "clickhouse").path,
      ])
    guard migrated.status == 0 else {
      _ = try? administrator.execute("DROP DATABASE IF EXISTS \(name) SYNC")
      throw Failure("migrate up: \(migrated.errors)")
    }
    admin = ClickHouseConnection(try ClickHouseServer.configuration(database: name))
    writer = ClickHouseConnection(try MigrationBench.user("WRITER", database: name))
    reader = ClickHouseConnection(try MigrationBench.user("READER", database: name))
  }

  deinit { _ = try? admin.execute("DROP DATABASE IF EXISTS \(name) SYNC") }

  /// The answer's rows and cells, asked as the writer.
  func rows(_ sql: String) throws -> [[String]] {
    try writer.text(sql + " FORMAT TabSeparatedRaw").split(separator: "\n")
      .map { $0.split(separator: "\t", omittingEmptySubsequences: false).map(String.init) }
  }

  /// The answer's first column.
  func list(_ sql: String) throws -> [String] { try rows(sql).compactMap(\.first) }
}
