import Migrations
import Testing

/// Splitting SQL where ClickHouse would, hostile input included.
@Suite struct ScriptTests {
  private func texts(_ sql: String) throws -> [String] { try Script(Array(sql.utf8)).statements.map(\.text) }

  @Test func statementsEndAtSemicolons() throws {
    #expect(try texts("SELECT 1;\nSELECT 2") == ["SELECT 1", "SELECT 2"])
    #expect(try texts(";;\n SELECT 1 ;; ; SELECT 2;\n") == ["SELECT 1", "SELECT 2"])
    #expect(try texts("").isEmpty)
    #expect(try texts(" \n-- only words\n/* and more */ # x\n;").isEmpty)
  }

  @Test(arguments: [
    "SELECT 'a;b'", #"SELECT 'a\';b'"#, "SELECT 'a'';b'", #"SELECT 'a\\', ';'"#, "SELECT 'two\nlines;'",
    "SELECT `a;b`", "SELECT `a``;b`", #"SELECT `a\`;b`"#, #"SELECT "a;b""#, #"SELECT "a"";b""#, "SELECT `--` AS `/*`",
    "SELECT 1 -- ; '\n, 2", "SELECT 1 // ; '\n, 2", "SELECT 1 # ; '\n, 2", "SELECT 1 #! ; '\n, 2",
    "SELECT /* ; */ 1", "SELECT /* /* ; */ ; */ 1", "SELECT /*/ ; */ 1", "SELECT /* ' */ 1 /* ' */ + 2",
    "SELECT $$ ; ' -- $$", "SELECT $x$ ; $$ ; $x$", "SELECT $a-b$ ; $a-b$", "SELECT $é$ ; $é$", "SELECT $$;$$, $$;$$",
    "SELECT x'3b', b'01'", "SELECT ‘;’", "SELECT “;” FROM t", "SELECT ‘it's;’", "SELECT 1 − 2",
  ]) func oneStatement(_ sql: String) throws {
    #expect(try texts(sql) == [sql])
    #expect(try texts("SELECT 0; \(sql)\n;SELECT 2") == ["SELECT 0", sql, "SELECT 2"])
  }

  @Test(arguments: [
    ("SELECT 1 #; SELECT 2", ["SELECT 1 #", "SELECT 2"]),
    ("SELECT 1 #x ; SELECT 2", ["SELECT 1 #x", "SELECT 2"]),
    ("SELECT a$; SELECT b$", ["SELECT a$", "SELECT b$"]),
    ("SELECT x$$;$$", ["SELECT x$$", "$$"]),
    ("SELECT $x; SELECT 2", ["SELECT $x", "SELECT 2"]),
    ("SELECT $ ; SELECT 2", ["SELECT $", "SELECT 2"]),
    ("SELECT $a$ ; SELECT 2", ["SELECT $a$", "SELECT 2"]),
    ("SELECT 1$a$;$a$", ["SELECT 1$a$;$a$"]),
    ("SELECT 1e--; x\n2", ["SELECT 1e--", "x\n2"]),
    ("SELECT t.1e--; x\n2", ["SELECT t.1e--; x\n2"]),
    ("SELECT 0x1p--; x\n2", ["SELECT 0x1p--", "x\n2"]),
    ("SELECT 1, .5e--; x\n2", ["SELECT 1, .5e--", "x\n2"]),
    ("SELECT .5e--; x\n2", ["SELECT .5e--; x\n2"]),
    ("SELECT 1_e--; x\n2", ["SELECT 1_e--; x\n2"]),
    ("SELECT a -- b\\\n; SELECT 2", ["SELECT a", "SELECT 2"]),
    ("SELECT 1 - - ; 2", ["SELECT 1 - -", "2"]),
    ("SELECT a -> b; 2", ["SELECT a -> b", "2"]),
    ("\u{FEFF}SELECT 1;\u{00A0}SELECT 2", ["SELECT 1", "SELECT 2"]),
    ("SELECT '’;', \"“;\"; 2", ["SELECT '’;', \"“;\"", "2"]),
  ]) func oddities(_ sql: String, _ expected: [String]) throws {
    #expect(try texts(sql) == expected)
  }

  @Test(arguments: [
    ("SELECT 1;\nSELECT 'a", 2, "a string"), ("SELECT '\\'", 1, "a string"), ("\n\n`a", 3, "backticks"),
    ("\"a", 1, "double quotes"), ("/* /* */", 1, "a comment"), ("SELECT x'zz';", 1, "a string"),
    ("SELECT ‘a' ;", 1, "a string"), ("\n/*", 2, "a comment"),
  ]) func unclosed(_ sql: String, _ line: Int, _ what: String) throws {
    let error = try #require(throws: ScriptError.self) { try Script(Array(sql.utf8)) }
    #expect(error.line == line)
    #expect(error.reason.contains(what))
  }

  @Test func linesAreThoseOfTheFirstWord() throws {
    let script = try Script(Array("-- one\n\n/* a\n b */ SELECT 'x\ny';SELECT 2;\n\nSELECT 3".utf8))
    #expect(script.statements.map(\.line) == [4, 5, 7])
    #expect(script.statements.map(\.number) == [1, 2, 3])
  }

  @Test(arguments: [
    "SET max_threads = 1", "use other", "INSERT INTO t FORMAT CSV 1,2", "INSERT INTO t (a, b) FORMAT JSONEachRow {}",
  ]) func refusesWhatWouldNotDoAsItReads(_ sql: String) {
    #expect(throws: ScriptError.self) { try Script(Array("SELECT 1;\n\(sql)".utf8)) }
  }

  @Test(arguments: [
    "INSERT INTO t (format) SELECT 1", "INSERT INTO t VALUES (1, ';'), (2, 'b')",
    "INSERT INTO t SELECT a AS format FROM b",
    "INSERT INTO t FORMAT Values (1)", "CREATE TABLE set (a Int8) ENGINE = Set",
  ]) func takesOtherInserts(_ sql: String) throws {
    #expect(try texts(sql) == [sql])
  }

  @Test func checksumsAreSHA256() throws {
    #expect(
      try Script(Array("abc".utf8)).statements[0].checksum
        == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
    let long = String(repeating: "a", count: 1_000_000)
    #expect(
      try Script(Array(long.utf8)).statements[0].checksum
        == "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0")
  }

  @Test func aMillionOpeningsAreNoTrouble() throws {
    for opening in ["(", "/*", "$", "$a$ ", "‘", "#", ";", "'\\"] {
      let sql = Array(String(repeating: opening, count: 200_000).utf8)
      _ = try? Script(sql)
    }
  }
}
