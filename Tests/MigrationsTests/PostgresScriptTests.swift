import Migrations
import Testing

/// Splitting SQL where Postgres would, hostile input included.
@Suite struct PostgresScriptTests {
  private func texts(_ sql: String) throws -> [String] { try Script(Array(sql.utf8), .postgres).statements.map(\.text) }

  @Test(arguments: [
    "SELECT 'a;b'", "SELECT 'a'';b'", #"SELECT '\', ';'"#, #"SELECT E'\';'"#, #"SELECT e'a\\', ';'"#,
    #"SELECT E'a'';\''"#,
    "SELECT E'a'\n  '\\';'", "SELECT E'a' -- '\n -- ;\n '\\';'", "SELECT 'a'\n';'", "SELECT U&'\\0441;' UESCAPE '!'",
    "SELECT b'0', x'3b', n';'", "SELECT \"a;b\"", "SELECT \"a\"\";b\"", "SELECT \"\\\", ';'", "SELECT U&\"a;b\"",
    "SELECT $$ ; ' -- $$", "SELECT $x$ ; $$ ; $x$", "SELECT $é$ ; $é$", "SELECT $a$ $b$a$", "SELECT $a1$;$a1$, $_$;$_$",
    "SELECT 1 -- ; '\n, 2", "SELECT /* ; */ 1", "SELECT /* /* ; */ ; */ 1", "SELECT /*/ ; */ 1", "SELECT /*** ; **/ 1",
    "SELECT $1", "SELECT a$b FROM t", "SELECT 'a'::text || ';'", "SELECT 1 - -1",
    "CREATE RULE r AS ON INSERT TO t DO (SELECT 1; SELECT 2)",
    "CREATE FUNCTION f() RETURNS int LANGUAGE SQL BEGIN ATOMIC SELECT 1; SELECT CASE WHEN true THEN 1 ELSE 2 END; END",
    "CREATE OR REPLACE PROCEDURE p() BEGIN ATOMIC SELECT 1; END",
    "CREATE FUNCTION f() RETURNS int AS $$BEGIN; END$$ LANGUAGE plpgsql",
    "DO $do$ BEGIN PERFORM 1; END $do$", "CREATE TABLE t (\"end\" int)",
  ]) func oneStatement(_ sql: String) throws {
    #expect(try texts(sql) == [sql])
    #expect(try texts("SELECT 0; \(sql)\n;SELECT 2") == ["SELECT 0", sql, "SELECT 2"])
  }

  @Test(arguments: [
    ("SELECT 1;\nSELECT 2", ["SELECT 1", "SELECT 2"]), (";;\n SELECT 1 ;; ;", ["SELECT 1"]), ("-- a\n/* b */ ;", []),
    (#"SELECT '\'; SELECT 2"#, [#"SELECT '\'"#, "SELECT 2"]),
    ("SELECT E'a' '\\'; SELECT 2", ["SELECT E'a' '\\'", "SELECT 2"]),
    ("SELECT name'\\'; SELECT 2", ["SELECT name'\\'", "SELECT 2"]),
    ("SELECT a$$; SELECT b$$", ["SELECT a$$", "SELECT b$$"]), ("SELECT $1$; SELECT 2", ["SELECT $1$", "SELECT 2"]),
    ("SELECT $a-b$; SELECT $", ["SELECT $a-b$", "SELECT $"]), ("SELECT $1; SELECT $2", ["SELECT $1", "SELECT $2"]),
    ("SELECT # ; SELECT 2", ["SELECT #", "SELECT 2"]), ("SELECT `; SELECT 2`", ["SELECT `", "SELECT 2`"]),
    ("SELECT 1 // 2; SELECT 3", ["SELECT 1 // 2", "SELECT 3"]),
    ("SELECT 1 -- a\r; SELECT 2", ["SELECT 1", "SELECT 2"]),
    ("SELECT a) ; SELECT 2", ["SELECT a)", "SELECT 2"]),
    ("SELECT begin atomic; SELECT 2", ["SELECT begin atomic", "SELECT 2"]),
    ("CREATE TABLE atomic (a int); SELECT 2", ["CREATE TABLE atomic (a int)", "SELECT 2"]),
  ]) func oddities(_ sql: String, _ expected: [String]) throws {
    #expect(try texts(sql) == expected)
  }

  @Test(arguments: [
    ("SELECT 1;\nSELECT 'a", 2, "a string"), ("SELECT E'\\'", 1, "a string"), ("\n\n\"a", 3, "double quotes"),
    ("/* /* */", 1, "a comment"), ("SELECT 1;\n$a$ ; $b$", 2, "dollar quotes"), ("SELECT $$ ; $", 1, "dollar quotes"),
    ("SELECT 1;\nSELECT '\u{0}'", 2, "NUL"), ("SELECT 'a'\n'b", 1, "a string"),
  ]) func whatIsNeverClosedIsRefused(_ sql: String, _ line: Int, _ what: String) throws {
    let error = try #require(throws: ScriptError.self) { try Script(Array(sql.utf8), .postgres) }
    #expect(error.line == line)
    #expect(error.reason.contains(what))
  }

  @Test(arguments: [
    "SET search_path = x", "RESET ALL", "LOCK TABLE t", "BEGIN", "COMMIT", "start transaction", "SAVEPOINT a",
    "ROLLBACK",
    "END", "COPY t FROM STDIN", "copy (SELECT 1) to stdout", "VACUUM t", "CREATE DATABASE d", "DROP TABLESPACE t",
    "ALTER SYSTEM SET x = 1", "REINDEX DATABASE d", "CREATE INDEX CONCURRENTLY i ON t (a)", "DROP INDEX concurrently i",
  ]) func whatHasNoPlaceInAMigrationIsRefused(_ sql: String) throws {
    let error = try #require(throws: ScriptError.self) { try Script(Array("SELECT 1;\n\(sql)".utf8), .postgres) }
    #expect(error.line == 2)
  }

  @Test(arguments: [
    "ALTER TABLE t ALTER a SET DEFAULT 1", "CREATE INDEX i ON t (a)", "COPY t FROM '/f'",
    "INSERT INTO t VALUES ('CONCURRENTLY')",
    "UPDATE t SET a = 1", "CREATE FUNCTION f() RETURNS void LANGUAGE sql SET search_path = x AS 'SELECT'", "TRUNCATE t",
    "INSERT INTO t (\"concurrently\") VALUES (1)",
  ]) func whatHasItsPlaceIsNot(_ sql: String) throws {
    #expect(try texts(sql) == [sql])
  }

  @Test(arguments: 0..<20) func whatWasJoinedComesApart(_ seed: UInt64) throws {
    var random = SplitMix(state: seed)
    for _ in 0..<200 {
      let statements = (0..<Int.random(in: 1...6, using: &random)).map { _ in
        "SELECT "
          + (0..<Int.random(in: 1...6, using: &random)).map { _ in Self.values.randomElement(using: &random)! }
          .joined(separator: Self.blanks.randomElement(using: &random)! + ",")
      }
      let file = statements.reduce("") { file, statement in
        file + Self.blanks.randomElement(using: &random)! + statement + Self.blanks.randomElement(using: &random)! + ";"
      }
      #expect(try texts(file) == statements)
    }
  }

  /// A statement and what lies between two, split again, must say the same.
  @Test(arguments: 0..<20) func noiseIsSplitWithoutLoss(_ seed: UInt64) {
    var random = SplitMix(state: seed &+ 1000)
    for _ in 0..<3000 {
      var source: [UInt8] = []
      for _ in 0..<Int.random(in: 0...24, using: &random) {
        source += Array(Self.noise.randomElement(using: &random)!.utf8)
        if Int.random(in: 0..<20, using: &random) == 0 { source.append(UInt8.random(in: 0...255, using: &random)) }
      }
      guard let script = try? Script(source, .postgres) else { continue }
      var end = 0
      for statement in script.statements {
        #expect(statement.range.lowerBound >= end && !statement.range.isEmpty)
        let gap = Array(source[end..<statement.range.lowerBound])
        #expect((try? Script(gap, .postgres).statements.isEmpty) == true, "\(source)")
        #expect(end == 0 || gap.contains(UInt8(ascii: ";")))
        let alone = try? Script(Array(source[statement.range]), .postgres).statements
        #expect(alone?.map(\.checksum) == [statement.checksum], "\(source)")
        end = statement.range.upperBound
      }
      #expect((try? Script(Array(source[end...]), .postgres).statements.isEmpty) == true, "\(source)")
    }
  }

  static let blanks = ["", " ", "\n", "\t\r\n", " /* ; ' */ ", " /* /* ; */ $$ */ ", " -- ; ' \"\n", "\n--$$\n"]
  static let values = [
    "1", "'a;b'", #"E'\';'"#, "''';'", #"'\\'"#, "\";\"", "$$;$$", "$tag$ ; $$ ' $tag$", "x'3b'", "U&';'", "1.5e-3",
    "a.b",
    "f(';')", "(1)", "$1", "1 - -1", "a$b", "'-- ;'", "'/*'", "ARRAY[1]", "a::text", "E'\\\\'", "'a'\n';'",
    "E'a'\n'\\';'",
  ]
  private static let noise = [
    "'", "\"", "`", "\\", ";", "$", "$$", "$a$", "/*", "*/", "--", "#", "\n", "\r", " ", "a", "E'", "x'", "U&'", "1",
    "_",
    "é", "(", ")", "SELECT", "BEGIN", "ATOMIC", "END", "CREATE", "FUNCTION", "CASE",
  ]
}
