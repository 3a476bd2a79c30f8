import ClickHouse
import Foundation
import Testing

/// The ClickHouse server named in the environment, and a database of its own for each test.
struct ClickHouseServer {
  let configuration: ClickHouseConfiguration
  let database: String

  /// Fails the test if `CLICKHOUSE_URL` is not set: an integration test that does not run must not look as if it
  /// passed.
  static func configuration(
    database: String = "", requestTimeoutMs: Int = 60_000, user: String? = nil, password: String? = nil
  ) throws -> ClickHouseConfiguration {
    let environment = ProcessInfo.processInfo.environment
    let url = try #require(
      environment["CLICKHOUSE_URL"], "CLICKHOUSE_URL is not set; run the integration tests with `make test`")
    return try ClickHouseConfiguration(
      url: url, database: database, user: user ?? environment["CLICKHOUSE_ADMIN_USER"] ?? "default",
      password: password ?? environment["CLICKHOUSE_ADMIN_PASSWORD"] ?? "", requestTimeoutMs: requestTimeoutMs)
  }

  /// Creates a database with a random name, runs `body` with a connection to it, drops it.
  static func withDatabase(_ body: (ClickHouseConnection, String) throws -> Void) throws {
    let database = "test_\(UInt64.random(in: 0...UInt64.max))"
    let admin = ClickHouseConnection(try configuration())
    try admin.execute("CREATE DATABASE \(database)")
    defer { _ = try? admin.execute("DROP DATABASE IF EXISTS \(database) SYNC") }
    try body(ClickHouseConnection(try configuration(database: database)), database)
  }
}

extension ClickHouseConnection {
  func text(_ sql: String, parameters: [String: any ClickHouseParameter] = [:]) throws(ClickHouseError) -> String {
    String(decoding: try execute(sql, parameters: parameters), as: UTF8.self)
  }
}
