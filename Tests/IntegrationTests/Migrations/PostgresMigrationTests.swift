import Blocking
import Foundation
import Migrations
import Postgres
import RealServers
import Testing

/// Files and a Postgres database of a test's own.
private final class PostgresMigrationBench {
  let database: PostgresDatabase
  var files: [String: String]

  init(_ files: [String: String]) throws {
    database = try PostgresDatabase()
    self.files = files
  }

  var admin: PostgresConnection { database.admin }

  func runner(_ application: String = "migrate") throws -> PostgresMigrationRunner {
    let sources = files.map { (file: $0.key, source: Array($0.value.utf8)) }
    return PostgresMigrationRunner(
      try Migration.ordered(sources, dialect: .postgres), database.named(application))
  }

  @discardableResult
  func up(to last: Int? = nil) throws -> [String] { try runner().up(to: last).map(\.file) }

  func error(_ body: () throws -> Void) -> String {
    "\(#expect(throws: MigrationError.self) { try body() }, default: "")"
  }

  /// The ledger, a line an entry: `1.2 finished`.
  func ledger() throws -> [String] {
    try admin.sql("SELECT version || '.' || statement || ' ' || state FROM schema_migrations ORDER BY id").map {
      row throws(PostgresError) in try row.value(0)
    }
  }
}

@Suite struct PostgresMigrationTests {
  private static let table = "CREATE TABLE t (a int8)"

  @Test func appliesOnceAndTellsWhatIsPending() throws {
    let bench = try PostgresMigrationBench([
      "0001_t.sql": "-- a; b\n\(Self.table);\nINSERT INTO t VALUES (1), (2);", "0002_u.sql": "INSERT INTO t SELECT 3",
    ])
    #expect(try bench.runner().plan().pending.map(\.migration.file) == ["0001_t.sql", "0002_u.sql"])
    #expect(try bench.up(to: 1) == ["0001_t.sql"])
    #expect(try bench.runner().plan().pending.map(\.migration.file) == ["0002_u.sql"])
    #expect(try bench.up() == ["0002_u.sql"])
    #expect(try bench.up() == [])
    #expect(try bench.admin.number("SELECT sum(a)::int8 FROM t") == 6)
    #expect(try bench.ledger() == ["1.1 finished", "1.2 finished", "1.2 applied", "2.1 finished", "2.1 applied"])
    let checksums = try bench.admin.sql(
      "SELECT file_checksum, statement_checksum FROM schema_migrations WHERE line = 3")
    let plan = try bench.runner().plan()
    #expect(try checksums[0].value(0) == plan.steps[0].migration.checksum)
    #expect(try checksums[0].value(1) == plan.steps[0].migration.statements[1].checksum)
  }

  @Test func aChangedFileIsRefusedByName() throws {
    let bench = try PostgresMigrationBench(["0001_t.sql": Self.table, "0002_u.sql": "INSERT INTO t SELECT 1"])
    try bench.up()
    bench.files["0002_u.sql"] = "INSERT INTO t SELECT 2"
    #expect(bench.error { _ = try bench.up() }.contains("0002_u.sql was changed after it was applied"))
    bench.files["0002_u.sql"] = nil
    #expect(bench.error { _ = try bench.up() }.contains("0002_u.sql was applied and is no longer there"))
    #expect(try bench.admin.number("SELECT count(*) FROM t") == 1)
  }

  @Test func aLedgerWithAGapIsRefused() throws {
    let bench = try PostgresMigrationBench(["0001_t.sql": Self.table, "0002_u.sql": "INSERT INTO t SELECT 1"])
    try bench.up()
    try bench.admin.sql("DELETE FROM schema_migrations WHERE version = 1")
    #expect(bench.error { _ = try bench.up() }.contains("0001_t.sql is not applied, and 0002_u.sql"))
  }

  @Test func aWrongStatementIsNamedAndAHalfAppliedFileGoesOn() throws {
    let begin = "\(Self.table);\n\nINSERT INTO t SELECT 1;\n-- note\n"
    let bench = try PostgresMigrationBench([
      "0001_t.sql": begin + "INSERT INTO nowhere SELECT 2;\nINSERT INTO t SELECT 3"
    ])
    let error = bench.error { _ = try bench.up() }
    #expect(
      error.contains("0001_t.sql, statement 3, line 5: Postgres error 42P01") && error.contains("nowhere"), "\(error)")
    #expect(try bench.ledger() == ["1.1 finished", "1.2 finished", "1.3 failed"])
    let step = try bench.runner().plan().steps[0]
    #expect(step.failed && step.finished == 2 && !step.isApplied)

    bench.files["0001_t.sql"] = begin.replacing("SELECT 1", with: "SELECT 9") + "SELECT 1"
    #expect(bench.error { _ = try bench.up() }.contains("statement 2 (line 3), which is done, was changed"))
    bench.files["0001_t.sql"] = begin + "INSERT INTO t SELECT 2;\nINSERT INTO t SELECT 3"
    try bench.up()
    #expect(try bench.admin.text("SELECT string_agg(a::text, ',' ORDER BY a) FROM t") == "1,2,3")
    // A file that loses what was not done of it.
    bench.files["0002_u.sql"] = "INSERT INTO t SELECT 4;\nSELECT 1 / 0"
    #expect(
      bench.error { _ = try bench.up() }.contains("0002_u.sql, statement 2, line 2: Postgres error 22012: division"))
    bench.files["0002_u.sql"] = "INSERT INTO t SELECT 4"
    try bench.up()
    #expect(try bench.runner().plan().pending.isEmpty)
    #expect(try bench.admin.number("SELECT count(*) FROM t") == 4)
  }

  /// A statement that fails leaves nothing, whatever it did before, nor can it commit by itself.
  @Test func aStatementIsDoneWhollyOrNotAtAll() throws {
    let bench = try PostgresMigrationBench([
      "0001_t.sql": Self.table,
      "0002_u.sql": "DO $$ BEGIN INSERT INTO t VALUES (1); COMMIT; INSERT INTO t VALUES (2); END $$",
    ])
    #expect(bench.error { _ = try bench.up() }.contains("Postgres error 2D000"))
    bench.files["0002_u.sql"] = "DO $$ BEGIN INSERT INTO t VALUES (1); PERFORM 1 / 0; END $$"
    #expect(bench.error { _ = try bench.up() }.contains("Postgres error 22012"))
    #expect(try bench.admin.number("SELECT count(*) FROM t") == 0)
  }

  @Test func ofTwoRunnersAtOnceOneApplies() async throws {
    let bench = try PostgresMigrationBench([
      "0001_t.sql": Self.table, "0002_slow.sql": "INSERT INTO t SELECT 1 FROM pg_sleep(1);\nINSERT INTO t SELECT 7",
    ])
    let sources = bench.files.map { (file: $0.key, source: Array($0.value.utf8)) }
    let configuration = bench.database.named("migrate")
    let applied = try await withThrowingTaskGroup(of: (Int, Bool).self) { group in
      for _ in 0..<4 {
        group.addTask {
          try await BlockingThread.run("runner") {
            var waited = false
            let migrations = try Migration.ordered(sources, dialect: .postgres)
            let done = try PostgresMigrationRunner(migrations, configuration).up {
              if case .waiting(let runner) = $0 { waited = waited || runner.hasPrefix("migrate, process ") }
            }
            return (done.count, waited)
          }
        }
      }
      return try await group.reduce(into: []) { $0.append($1) }
    }
    #expect(applied.map(\.0).sorted() == [0, 0, 0, 2])
    #expect(applied.contains { $0.1 })
    #expect(try bench.admin.text("SELECT string_agg(a::text, ',' ORDER BY a) FROM t") == "1,7")
    #expect(try bench.ledger().filter { $0.hasSuffix("applied") }.count == 2)
  }

  @Test func aWaitHasAnEnd() throws {
    let bench = try PostgresMigrationBench(["0001_t.sql": Self.table])
    try bench.admin.sql("SELECT pg_advisory_lock(7737591479210894699)")
    let error = bench.error { _ = try bench.runner().up(lockTimeout: .milliseconds(300)) }
    #expect(error.contains("another runner (test-") && error.contains("is migrating this database"), "\(error)")
    try bench.admin.sql("SELECT pg_advisory_unlock(7737591479210894699)")
    #expect(try bench.up() == ["0001_t.sql"])
  }

  /// The session is cut within a statement, and between two: the lock is free then, and what was done is done once.
  @Test func aRunnerThatIsCutLeavesWholeStatements() async throws {
    let bench = try PostgresMigrationBench([
      "0001_t.sql":
        "\(Self.table);\nINSERT INTO t SELECT 1;\nINSERT INTO t SELECT 2 FROM pg_sleep(0.4);\nINSERT INTO t SELECT 3"
    ])
    let sources = bench.files.map { (file: $0.key, source: Array($0.value.utf8)) }
    for (round, pause) in [300_000, 450_000].enumerated() {
      let configuration = bench.database.named("cut-\(round)")
      let cut = Task {
        try await BlockingThread.run("runner") {
          let migrations = try Migration.ordered(sources, dialect: .postgres)
          return try PostgresMigrationRunner(migrations, configuration).up().count
        }
      }
      _ = try eventually(within: 5, every: 0.01) {
        try bench.admin.number(
          "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'cut-\(round)' AND query LIKE '%pg_sleep%'")
          == 1
      }
      usleep(UInt32(pause - 200_000))
      try bench.admin.sql(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'cut-\(round)'")
      // It may have been done before the cut came.
      _ = try? await cut.value
    }
    try bench.up()
    #expect(try bench.admin.text("SELECT string_agg(a::text, ',' ORDER BY a) FROM t") == "1,2,3")
    #expect(
      try bench.ledger().filter { $0.hasSuffix("finished") } == ["1.1", "1.2", "1.3", "1.4"].map { "\($0) finished" })
  }

  /// What the splitter takes as one statement the server takes as one, and what it splits the server refuses unsplit.
  @Test(arguments: [
    "SELECT 'a;b''; ' -- ; '", #"SELECT '\', ';'"#, #"SELECT E'\';', e'a\\'';'"#, "SELECT E'a' -- ;'\n '\\';'",
    "SELECT 'a'\n';'",
    "SELECT U&'\\0441;', U&\"d\\0061;\" FROM (SELECT 1 AS \"da;\") AS x", "SELECT b'01', x'3b', n';'",
    "SELECT 1 AS \"a;\"\"b\"",
    "SELECT /* /* ; */ ' ; */ 1", "SELECT /*/ ; */ 1", "SELECT $$;'$$, $x$ ; $$ ; $x$, $é1$;$é1$, $a$ $b$a$",
    "SELECT 1 AS b$$;SELECT 2 AS c$$", "SELECT 1;--", "SELECT 1; SELECT 2", "SELECT 1; /* ; */ SELECT 2",
    "SELECT 1 - -1;",
    "SELECT 1 AS x$; SELECT 2", "SELECT name'\\';", "SELECT 1 -- a\r; SELECT 2", "SELECT 2 --1;\n;SELECT 2",
    "SELECT 5 /1",
    "CREATE FUNCTION pg_temp.f() RETURNS int LANGUAGE SQL BEGIN ATOMIC SELECT 1; SELECT CASE WHEN true THEN 1 END; END",
    "CREATE OR REPLACE FUNCTION pg_temp.f() RETURNS int LANGUAGE SQL BEGIN ATOMIC SELECT 1; END; SELECT 1",
    "CREATE FUNCTION pg_temp.g() RETURNS int AS $$BEGIN RETURN 1; END$$ LANGUAGE plpgsql; SELECT 1",
    "DO $do$ BEGIN PERFORM 1; END $do$",
    "CREATE TEMP TABLE r (a int); CREATE RULE r AS ON INSERT TO r DO ALSO (SELECT 1; SELECT 2)",
  ]) func theServerSplitsAlike(_ sql: String) throws {
    let statements = try Script(Array(sql.utf8), .postgres).statements
    let connection = PostgresConnection(try PostgresServer.configuration())
    for statement in statements { try connection.sql(statement.text) }
    connection.close()
    do throws(PostgresError) {
      try connection.sql(sql)
      #expect(statements.count == 1)
    } catch {
      #expect(statements.count > 1 && "\(error)".contains("multiple commands"), "\(error)")
    }
  }

  /// The same of statements put together at random; the server sees only what parses.
  @Test func theServerSplitsRandomTextAlike() throws {
    var random = Seeded(state: 2026)
    let connection = PostgresConnection(try PostgresServer.configuration())
    var (split, whole) = (0, 0)
    for _ in 0..<400 {
      var text = ""
      for _ in 0..<Int.random(in: 1...8, using: &random) { text += Self.pieces.randomElement(using: &random)! }
      let script = try? Script(Array("SELECT 1 \(text)".utf8), .postgres)
      do throws(PostgresError) {
        try connection.sql("SELECT 1 \(text)")
        #expect(script?.statements.count == 1, "\(text)")
        whole += 1
      } catch {
        guard "\(error)".contains("multiple commands") else { continue }
        #expect(script?.statements.count ?? 0 > 1, "\(text)")
        split += 1
      }
    }
    #expect(split > 20 && whole > 20, "\(split) split, \(whole) whole")
  }

  private static let pieces = [
    ", 'a;'", ", E'\\';'", "\n", "\n'\\'", " -- ;\n", " /* ; */", "; SELECT 2", ", $$;$$", ", $a$;$a$",
    ", \"t\".a FROM (SELECT 1 AS a) AS t",
    " AS a$b", ";", " ", ", '\\'", ", e'\\\\'", "'", ", U&';'",
  ]
}

private struct Seeded: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var mixed = state
    mixed = (mixed ^ mixed >> 30) &* 0xbf58_476d_1ce4_e5b9
    mixed = (mixed ^ mixed >> 27) &* 0x94d0_49bb_1331_11eb
    return mixed ^ mixed >> 31
  }
}
