import ClickHouse
import Foundation
import Migrations
import RealServers
import Testing

/// A folder of migrations and a database of a test's own.
final class MigrationBench {
  let database = "test_\(UUID().uuidString.prefix(8).lowercased())"
  let folder = FileManager.default.temporaryDirectory.appending(path: "migrations-\(UUID().uuidString)")
  let writer: ClickHouseConnection
  private let admin: ClickHouseConnection

  init(_ files: [String: String]) throws {
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    writer = ClickHouseConnection(try Self.user("WRITER", database: database))
    admin = ClickHouseConnection(try ClickHouseServer.configuration())
    for (name, text) in files { try write(name, text) }
  }

  deinit {
    _ = try? admin.execute("DROP DATABASE IF EXISTS \(database) SYNC")
    try? FileManager.default.removeItem(at: folder)
  }

  static func user(_ role: String, database: String) throws -> ClickHouseConfiguration {
    let environment = ProcessInfo.processInfo.environment
    return try ClickHouseServer.configuration(
      database: database, user: environment["CLICKHOUSE_USER_\(role)"] ?? "analytics_\(role.lowercased())",
      password: environment["CLICKHOUSE_PASSWORD_\(role)"] ?? "\(role.lowercased())-local")
  }

  func write(_ name: String, _ text: String) throws {
    try text.write(to: folder.appending(path: name), atomically: true, encoding: .utf8)
  }

  private var environment: [String: String] {
    ["CLICKHOUSE_DATABASE": database, "KARTOTEKA_MIGRATIONS": folder.path, "MIGRATE_LOCK_LEASE": "2s"]
  }

  func migrate(_ arguments: String...) throws -> Kartoteka.Ended {
    try Kartoteka.run(["migrate"] + arguments, environment: environment)
  }

  func start(_ arguments: String...) throws -> Kartoteka {
    try Kartoteka(["migrate"] + arguments, environment: environment)
  }

  func text(_ sql: String) throws -> String { try writer.text(sql).trimmingCharacters(in: .newlines) }
}

@Suite struct MigrationTests {
  private static let table = "CREATE TABLE IF NOT EXISTS t (a Int64) ENGINE = MergeTree ORDER BY a"

  @Test func appliesOnceAndTellsWhatIsPending() throws {
    let bench = try MigrationBench([
      "0001_t.sql": "-- a; b\n\(Self.table);\nINSERT INTO t VALUES (1), (2);", "0002_u.sql": "INSERT INTO t SELECT 3",
      "README.md": "not a migration",
    ])
    var ended = try bench.migrate("status")
    #expect(ended.status == 2)
    #expect(ended.output.contains("pending  0001_t.sql  0 of 2 statements done"))
    ended = try bench.migrate("plan")
    #expect(ended.status == 0)
    #expect(ended.output.contains("-- 0001_t.sql, statement 2, line 3\nINSERT INTO t VALUES (1), (2);"))
    #expect(ended.output.contains("0002_u.sql"))
    ended = try bench.migrate("up", "--to", "1")
    #expect(ended.status == 0, "\(ended.errors)")
    #expect(try bench.text("SELECT count() FROM t") == "2")
    #expect(try bench.migrate("status").status == 2)
    #expect(try bench.migrate("up").status == 0)
    ended = try bench.migrate("up")
    #expect(ended.status == 0 && ended.output.contains("nothing to do"))
    #expect(try bench.text("SELECT count() FROM t") == "3")
    ended = try bench.migrate("status", "--json")
    #expect(ended.status == 0)
    let lines = try #require(try JSONSerialization.jsonObject(with: Data(ended.output.utf8)) as? [[String: Any]])
    #expect(lines.map { $0["state"] as? String } == ["applied", "applied"])
    #expect(try bench.migrate("up", "--to", "7").status != 0)
  }

  @Test func aChangedFileIsRefusedByName() throws {
    let bench = try MigrationBench(["0001_t.sql": Self.table, "0002_u.sql": "INSERT INTO t SELECT 1"])
    #expect(try bench.migrate("up").status == 0)
    try bench.write("0002_u.sql", "INSERT INTO t SELECT 2")
    for command in ["up", "status", "plan"] {
      let ended = try bench.migrate(command)
      #expect(ended.status == 1)
      #expect(ended.errors.contains("0002_u.sql was changed after it was applied"), "\(ended.errors)")
    }
    #expect(try bench.text("SELECT count() FROM t") == "1")
  }

  @Test func aWrongStatementIsNamedAndAHalfAppliedFileGoesOn() throws {
    let begin = "\(Self.table);\n\nINSERT INTO t SELECT 1;\n-- note\n"
    let bench = try MigrationBench(["0001_t.sql": begin + "INSERT INTO nowhere SELECT 2;\nINSERT INTO t SELECT 3"])
    var ended = try bench.migrate("up")
    #expect(ended.status == 1)
    #expect(ended.errors.contains("0001_t.sql, statement 3, line 5: "), "\(ended.errors)")
    #expect(ended.errors.contains("UNKNOWN_TABLE") && ended.errors.contains("nowhere"), "\(ended.errors)")
    ended = try bench.migrate("status")
    #expect(ended.status == 2 && ended.output.contains("failed   0001_t.sql  2 of 4 statements done"))
    #expect(try bench.text("SELECT argMax(detail LIKE '%nowhere%', applied_at) FROM schema_migrations") == "1")

    try bench.write("0001_t.sql", begin.replacing("SELECT 1", with: "SELECT 9") + "SELECT 1")
    ended = try bench.migrate("up")
    #expect(ended.status == 1 && ended.errors.contains("statement 2 (line 3), which is done, was changed"))

    // The order of the ledger's lines must survive merges.
    try bench.writer.execute("OPTIMIZE TABLE schema_migrations FINAL")
    try bench.write("0001_t.sql", begin + "INSERT INTO t SELECT 2;\nINSERT INTO t SELECT 3")
    ended = try bench.migrate("up")
    #expect(ended.status == 0, "\(ended.errors)")
    #expect(ended.output.contains("going on at statement 3"))
    #expect(try bench.text("SELECT groupArray(a) FROM (SELECT a FROM t ORDER BY a)") == "[1,2,3]")
  }

  @Test func ofTwoRunnersAtOnceOneApplies() throws {
    let bench = try MigrationBench([
      "0001_t.sql": Self.table,
      "0002_slow.sql": "INSERT INTO t SELECT sleepEachRow(1.0) FROM numbers(2);\nINSERT INTO t SELECT 7",
    ])
    let runners = try (0..<4).map { _ in try bench.start("up") }
    let status = runners.map { $0.wait() }
    #expect(status == [0, 0, 0, 0], "\(runners.map(\.errors))")
    #expect(runners.filter { $0.output.contains("nothing to do") }.count == 3, "\(runners.map(\.output))")
    #expect(runners.contains { $0.output.contains("waiting for another runner") })
    #expect(try bench.text("SELECT count(), countIf(a = 7) FROM t") == "3\t1")
  }

  @Test func aWaitHasAnEndAndADeadRunnersLockToo() throws {
    let bench = try MigrationBench([
      "0001_t.sql": Self.table,
      // Longer than the lease: it is renewed meanwhile. Killed, it leaves a lease of two seconds.
      "0002_slow.sql":
        "SELECT sleepEachRow(1.0) FROM numbers(8) SETTINGS max_block_size = 1, function_sleep_max_microseconds_per_block = 10000000",
    ])
    let first = try bench.start("up")
    #expect(eventually(within: 20) { first.output.contains("0002_slow.sql") || !first.isRunning })
    usleep(3_000_000)
    let impatient = try bench.migrate("up", "--lock-timeout", "100ms")
    #expect(impatient.status == 1)
    #expect(impatient.errors.contains("is migrating this database; gave up after"), "\(impatient.errors)")
    first.signal(SIGKILL)
    first.wait()
    let second = try bench.migrate("up")
    #expect(second.status == 0, "\(second.errors)")
    #expect(second.output.contains("waiting for another runner"))
    #expect(try bench.migrate("status").status == 0)
  }

  @Test func whatCannotWorkIsSaidInOneSentence() throws {
    let bench = try MigrationBench(["0001_t.sql": "SELECT 1;\nSELECT 'open"])
    var ended = try bench.migrate("up")
    #expect(ended.status == 1)
    #expect(ended.errors.contains("0001_t.sql line 2: a string is opened here and never closed"), "\(ended.errors)")
    try bench.write("0001_t.sql", "SELECT 1")
    ended = try bench.migrate("up", "--clickhouse", "http://127.0.0.1:1")
    #expect(ended.status == 1 && ended.errors.contains("cannot connect to ClickHouse"), "\(ended.errors)")
  }

  /// What the splitter takes as one statement the server takes as one, and what it splits the server refuses unsplit.
  @Test(arguments: [
    #"SELECT 'a\';b''; ' -- ; '"#, "SELECT 1 AS `a;``b`, 2 AS \"c;\"", "SELECT 1 # ; '\n", "SELECT 1 #! ; '\n",
    "SELECT 1 // ; '\n", "SELECT /* /* ; */ ' ; */ 1", "SELECT $$;'$$, $x$ ; $$ ; $x$, $é-1$;$é-1$",
    "SELECT x'3b', b'01'",
    "SELECT ‘;’ AS “a;b”", "SELECT 1 − 2", "SELECT 1 AS b$$;SELECT 2 AS c$$", "SELECT 1;--", "SELECT 1; SELECT 2",
    "SELECT 1; /* ; */ SELECT 2", "SELECT 1, .5, 1_0.5e-3, tuple(1).1;", "SELECT 1 AS x$; SELECT 2",
  ]) func theServerSplitsAlike(_ sql: String) throws {
    let statements = try Script(Array(sql.utf8)).statements
    let connection = ClickHouseConnection(try ClickHouseServer.configuration())
    for statement in statements { try connection.execute(statement.text) }
    do throws(ClickHouseError) {
      try connection.execute(sql)
      #expect(statements.count == 1)
    } catch {
      #expect(statements.count > 1 && "\(error)".contains("Multi-statements"), "\(error)")
    }
  }
}
