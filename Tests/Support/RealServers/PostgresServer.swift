import Foundation
import Postgres
import Testing

/// The Postgres server named in the environment, and a database of its own for each test.
package enum PostgresServer {
  /// Fails the test if `USERS_DATABASE_URL` is not set: an integration test that does not run must not look as if it
  /// passed.
  package static func configuration(_ environment: [String: String] = ProcessInfo.processInfo.environment) throws
    -> PostgresConfiguration
  {
    let url = try #require(
      environment["USERS_DATABASE_URL"], "USERS_DATABASE_URL is not set; run the integration tests with `make test`")
    return try PostgresConfiguration(url: url, applicationName: "test-\(UInt32.random(in: 0 ... .max))")
  }
}

/// A database of one test's own; it is dropped when the test lets go of it.
package final class PostgresDatabase {
  package let configuration: PostgresConfiguration
  package let admin: PostgresConnection
  private let server: PostgresConnection

  /// - Parameter options: of `CREATE DATABASE`.
  package init(_ base: PostgresConfiguration? = nil, options: String = "") throws {
    let base = try base ?? PostgresServer.configuration()
    server = PostgresConnection(base)
    var configuration = base
    configuration.database = "test_\(UInt64.random(in: 0 ... .max))"
    try server.sql("CREATE DATABASE \(configuration.database) \(options)")
    self.configuration = configuration
    admin = PostgresConnection(configuration)
  }

  deinit { _ = try? server.sql("DROP DATABASE IF EXISTS \(configuration.database) WITH (FORCE)") }

  /// As `USERS_DATABASE_URL` has it.
  package func url() throws -> String {
    let base = try #require(ProcessInfo.processInfo.environment["USERS_DATABASE_URL"])
    let slash = try #require(base.lastIndex(of: "/"))
    let parameters = base[slash...].firstIndex(of: "?").map { String(base[$0...]) } ?? ""
    return base[...slash] + configuration.database + parameters
  }

  /// Under another name than the rest of the test.
  package func named(_ application: String) -> PostgresConfiguration {
    var configuration = configuration
    configuration.applicationName = application
    return configuration
  }
}

extension PostgresConnection {
  /// Runs statements that are not prepared, without parameters, in one batch.
  @discardableResult
  package func sql(_ statements: String..., seconds: Double = 20) throws(PostgresError) -> PostgresRows {
    let calls = statements.map { PostgresStatement(unprepared: $0)() }
    return try run(calls, until: .now + .seconds(seconds)).last!
  }

  /// The first field of the answer's first row.
  package func number(_ sql: String) throws(PostgresError) -> Int {
    guard let row = try self.sql(sql).first else { throw .protocolViolation("no row") }
    return try row.value(0)
  }

  package func text(_ sql: String) throws(PostgresError) -> String {
    guard let row = try self.sql(sql).first else { throw .protocolViolation("no row") }
    return try row.value(0)
  }
}

/// The error of `body`, which must be one of Postgres.
package func postgresError(_ body: () throws -> Void) -> PostgresError? {
  #expect(throws: PostgresError.self) { try body() }
}
