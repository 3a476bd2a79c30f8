import ClickHouse
import Foundation
import RealServers
import Testing

/// What the two users may do, and above all what they may not.
@Suite struct AccessTests {
  private let bench: MigrationBench
  private let reader: ClickHouseConnection

  init() throws {
    bench = try MigrationBench([
      "0001_t.sql": """
      CREATE TABLE IF NOT EXISTS t (a Int64) ENGINE = MergeTree ORDER BY a;
      INSERT INTO t SELECT number FROM numbers(100);
      CREATE OR REPLACE VIEW v AS SELECT a FROM t
      """
    ])
    let ended = try bench.migrate("up")
    guard ended.status == 0 else { throw Failure("migrate up: \(ended.errors)") }
    reader = ClickHouseConnection(try MigrationBench.user("READER", database: bench.database))
  }

  private func name(_ connection: ClickHouseConnection, _ sql: String, _ settings: [String: String] = [:]) -> String {
    do throws(ClickHouseError) {
      try connection.execute(sql, settings: settings)
      return "done"
    } catch {
      if case .server(_, let name, _) = error { return name }
      return "\(error)"
    }
  }

  @Test func theReaderReads() throws {
    #expect(try reader.text("SELECT sum(a) FROM t") == "4950\n")
    #expect(try reader.text("SELECT count() FROM v") == "100\n")
    #expect(
      try reader.text("SELECT count() FROM system.columns WHERE database = currentDatabase() AND table = 't'") == "1\n")
  }

  @Test(arguments: [
    "INSERT INTO t VALUES (1)", "CREATE TABLE u (a Int8) ENGINE = Memory", "CREATE VIEW w AS SELECT 1", "DROP TABLE t",
    "ALTER TABLE t ADD COLUMN b Int8", "ALTER TABLE t DELETE WHERE 1", "DELETE FROM t WHERE 1", "TRUNCATE TABLE t",
    "OPTIMIZE TABLE t", "RENAME TABLE t TO u", "CREATE DATABASE other", "CREATE USER other",
    "GRANT SELECT ON *.* TO analytics_reader",
    "CREATE TEMPORARY TABLE u (a Int8)", "SYSTEM STOP MERGES t", "SELECT * FROM system.query_log",
    "SELECT * FROM url('http://127.0.0.1:1/', 'CSV', 'a String')", "SELECT * FROM file('/etc/passwd', 'LineAsString')",
    "SELECT * FROM s3('http://127.0.0.1:1/bucket/b.csv', 'CSV', 'a String')",
    "SELECT * FROM remote('127.0.0.1', system.one)",
    "SELECT * FROM executable('a', 'CSV', 'a String')", "INSERT INTO FUNCTION file('a.csv', 'CSV', 'a Int8') SELECT 1",
    "SELECT 1 INTO OUTFILE '/tmp/a'",
  ]) func theReaderIsRefused(_ sql: String) {
    #expect(
      ["ACCESS_DENIED", "READONLY", "INTO_OUTFILE_NOT_ALLOWED"].contains(name(reader, sql)), "\(name(reader, sql))")
  }

  @Test func theReaderCannotRaiseItsLimits() {
    for (setting, value) in [
      ("max_execution_time", "31"), ("max_execution_time", "0"), ("max_memory_usage", "0"),
      ("max_memory_usage", "2000000001"), ("max_rows_to_read", "0"), ("max_result_rows", "0"), ("max_threads", "9"),
      ("max_bytes_before_external_group_by", "0"),
    ] {
      #expect(name(reader, "SELECT 1", [setting: value]) == "SETTING_CONSTRAINT_VIOLATION", "\(setting) \(value)")
      #expect(name(reader, "SELECT 1 SETTINGS \(setting) = \(value)") == "SETTING_CONSTRAINT_VIOLATION", "\(setting)")
    }
    let refusals = ["READONLY", "SETTING_CONSTRAINT_VIOLATION", "QUERY_IS_PROHIBITED"]
    for (setting, value) in [
      ("readonly", "0"), ("readonly", "2"), ("allow_ddl", "1"), ("max_ast_depth", "5000"),
      ("timeout_overflow_mode", "break"),
      ("read_overflow_mode", "break"), ("max_rows_to_group_by", "1"),
    ] {
      let told = name(reader, "SELECT 1", [setting: value])
      #expect(refusals.contains(told), "\(setting) \(value): \(told)")
    }
  }

  @Test func aQueryOverItsLimitsIsRefused() {
    #expect(name(reader, "SELECT count() FROM numbers(2000000000)") == "TOO_MANY_ROWS")
    #expect(name(reader, "SELECT a FROM t", ["max_rows_to_read": "10"]) == "TOO_MANY_ROWS")
    #expect(name(reader, "SELECT a FROM t", ["max_result_rows": "10"]) == "TOO_MANY_ROWS_OR_BYTES")
    // Refused when the time is over, or as soon as it is clear that it will not do.
    let slow = name(reader, "SELECT sleepEachRow(0.02) FROM t", ["max_execution_time": "0.5"])
    #expect(["TIMEOUT_EXCEEDED", "TOO_SLOW"].contains(slow), "\(slow)")
    #expect(
      name(reader, "SELECT groupArray(number) FROM numbers(10000000)", ["max_memory_usage": "10000000"])
        == "MEMORY_LIMIT_EXCEEDED")
  }

  @Test func theReaderChoosesHowAnAnswerLooks() {
    #expect(
      name(
        reader, "SELECT a FROM t FORMAT JSON",
        [
          "max_execution_time": "5", "log_comment": "test", "cancel_http_readonly_queries_on_client_close": "1",
          "http_write_exception_in_output_format": "0", "output_format_json_quote_64bit_integers": "1",
          "output_format_parquet_string_as_string": "1", "max_rows_to_read": "1000",
        ]) == "done")
  }

  @Test func theWriterOwnsItsDatabase() {
    for sql in [
      "CREATE TABLE u (a Int64, s AggregateFunction(sum, Int64)) ENGINE = AggregatingMergeTree ORDER BY a",
      "CREATE MATERIALIZED VIEW m TO u AS SELECT a, sumState(a) AS s FROM t GROUP BY a", "INSERT INTO t VALUES (1000)",
      "ALTER TABLE u ADD COLUMN b Int8", "ALTER TABLE t DELETE WHERE a = 1000", "DELETE FROM t WHERE a = 5",
      "OPTIMIZE TABLE t FINAL", "SELECT count() FROM system.parts WHERE database = currentDatabase()",
      "RENAME TABLE u TO x", "EXCHANGE TABLES x AND t", "TRUNCATE TABLE x", "DROP VIEW m", "DROP TABLE x",
    ] { #expect(name(bench.writer, sql) == "done", "\(sql)") }
  }

  @Test func theWriterHasNothingElse() throws {
    let other = ClickHouseConnection(try ClickHouseServer.configuration())
    let database = "other_\(UInt64.random(in: 0...UInt64.max))"
    try other.execute("CREATE DATABASE \(database)")
    defer { _ = try? other.execute("DROP DATABASE \(database) SYNC") }
    try other.execute("CREATE TABLE \(database).t (a Int8) ENGINE = MergeTree ORDER BY a")
    for sql in [
      "SELECT * FROM \(database).t", "INSERT INTO \(database).t VALUES (1)", "DROP TABLE \(database).t",
      "CREATE TABLE \(database).u (a Int8) ENGINE = MergeTree ORDER BY a", "DROP DATABASE \(database)",
      "ALTER TABLE \(database).t ADD COLUMN b Int8", "CREATE USER other", "GRANT SELECT ON *.* TO analytics_reader",
      "ALTER USER analytics_reader IDENTIFIED WITH no_password",
      "SELECT * FROM url('http://127.0.0.1:1/', 'CSV', 'a String')",
      "CREATE TABLE f (a String) ENGINE = File(CSV)", "SYSTEM SHUTDOWN", "SELECT * FROM system.query_log",
    ] { #expect(name(bench.writer, sql) == "ACCESS_DENIED", "\(sql)") }
  }

  @Test func passwordsAreHashedAndLoggedNowhere() throws {
    let admin = ClickHouseConnection(try ClickHouseServer.configuration())
    try admin.execute("SYSTEM FLUSH LOGS")
    for role in ["WRITER", "READER"] {
      let configuration = try MigrationBench.user(role, database: "")
      let told = try admin.text("SHOW CREATE USER \(configuration.user)")
      #expect(told.contains("sha256_password") && !told.contains(configuration.password))
      // The parameter is logged by ClickHouse as part of this question, hence the halves.
      let half = configuration.password.count / 2
      let found = try admin.text(
        """
        SELECT count() FROM system.query_log
        WHERE position(query, concat({a:String}, {b:String})) > 0 OR position(exception, concat({a:String}, {b:String})) > 0
        """,
        parameters: [
          "a": String(configuration.password.prefix(half)), "b": String(configuration.password.dropFirst(half)),
        ])
      #expect(found == "0\n")
    }
  }
}
