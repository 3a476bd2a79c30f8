import Foundation
import Postgres
import RealServers
import Testing

@Suite struct PostgresConnectionTests {
  private let database: PostgresDatabase
  private let connection: PostgresConnection

  init() throws {
    database = try PostgresDatabase()
    connection = database.admin
  }

  private var soon: ContinuousClock.Instant { .now + .seconds(10) }
  private static let id = UUID(uuidString: "00112233-4455-6677-8899-aabbccddeeff")!
  private static let moment = PostgresTimestamp(microseconds: 1_795_600_000_123_456)

  /// The bytes we write are those the server's own functions write.
  @Test func ourBinaryFormIsTheServers() throws {
    let values: [(PostgresValue, String)] = [
      (.bool(true), "boolsend"), (.int2(-2), "int2send"), (.int4(.max), "int4send"), (.int8(.min), "int8send"),
      (.float8(-0.1), "float8send"), (.text("aя'\\"), "textsend"), (.uuid(Self.id), "uuid_send"),
      (.timestamptz(Self.moment), "timestamptz_send"), (.bytea([0, 255]), "byteasend"),
      (.jsonb("{\"a\": [1, null]}"), "jsonb_send"), (.int8Array([1, .min]), "array_send"),
      (.int8Array([]), "array_send"),
      (.textArray(["", "я"]), "array_send"), (.uuidArray([Self.id]), "array_send"),
    ]
    for (value, function) in values {
      let statement = PostgresStatement(unprepared: "SELECT \(function)($1)")
      let row = try #require(try connection.run(statement(value), until: soon).first)
      var writer = BinaryWriter()
      #expect(try writer.write(value))
      #expect(try row.value(0) == writer.bytes, "\(function)")
    }
  }

  @Test func everyTypeComesBackFromATable() throws {
    try connection.sql(
      """
      CREATE TABLE t (a bool, b int2, c int4, d int8, e float8, f text, g uuid, h timestamptz, i bytea, j jsonb,
        k int8[], l text[], m uuid[], n varchar(5), o float4, p json)
      """)
    let insert = PostgresStatement(
      "t.insert",
      "INSERT INTO t VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $6, $5, $10::json)")
    let full = insert(
      .bool(true), .int2(-3), .int4(4), .int8(Int64(5)), .float8(0.5), .text("яblя"), .uuid(Self.id),
      .timestamptz(Self.moment), .bytea([0, 1]), .jsonb("{\"b\": 1}"), .int8Array([1, 2]), .textArray(["a,b", "NULL"]),
      .uuidArray([Self.id]))
    let empty = insert(
      .bool(nil), .int2(nil), .int4(nil), .int8(nil), .float8(nil), .text(nil), .uuid(nil), .timestamptz(nil),
      .bytea(nil), .jsonb(nil), .int8Array(nil), .textArray(nil), .uuidArray(nil))
    #expect(try connection.run([full, empty], until: soon).map(\.affected) == [1, 1])

    let rows = try connection.run(PostgresStatement("t.all", "SELECT * FROM t")(), until: soon)
    #expect(rows.count == 2 && rows.columnCount == 16)
    var reader = rows[0].reader
    #expect(try reader.next() == true)
    #expect(try reader.next() == Int16(-3))
    #expect(try reader.next() == Int32(4))
    #expect(try reader.next() == 5)
    #expect(try reader.next() == 0.5)
    #expect(try reader.next() == "яblя")
    #expect(try reader.next() == Self.id)
    #expect(try reader.next() == Self.moment)
    #expect(try reader.next() == [UInt8]([0, 1]))
    #expect(try reader.next() == "{\"b\": 1}")
    #expect(try reader.next() == [Int64]([1, 2]))
    #expect(try reader.next() == ["a,b", "NULL"])
    #expect(try reader.next() == [Self.id])
    #expect(try rows[0].value("n") == "яblя")
    #expect(try rows[0].value("o") == 0.5)
    #expect(try rows[0].value("p") == "{\"b\": 1}")
    for column in 0..<16 where ![0, 4, 14].contains(column) {
      #expect(throws: PostgresError.self) { try rows[1].value(column, as: Bool.self) }
    }
    #expect(try rows[1].value("d") == Int64?.none)
    #expect(try rows[1].value(11) == [String]?.none)
    #expect(
      postgresError { _ = try rows[1].value("d", as: Int64.self) }
        == .protocolViolation("column d of t.all is NULL, and is read as what cannot be"))
    #expect(postgresError { _ = try rows[0].value("z", as: Int64.self) } == .protocolViolation("t.all has no column z"))
    #expect(postgresError { _ = try rows[0].value(16, as: Int64.self) } != nil)
  }

  @Test func aStatementIsPreparedOnceASession() throws {
    let statement = PostgresStatement("counted", "SELECT $1 + 1")
    for number in 0..<5 { #expect(try connection.run(statement(.int8(number)), until: soon)[0].value(0) == number + 1) }
    _ = try connection.run([statement(.int8(1)), statement(.int8(2)), statement(.float8(0.5))], until: soon)
    #expect(try connection.number("SELECT count(*) FROM pg_prepared_statements WHERE name LIKE '%counted'") == 2)
    // Of the same name and other SQL.
    #expect(try connection.run(PostgresStatement("counted", "SELECT $1")(.int8(7)), until: soon)[0].value(0) == 7)
    #expect(try connection.run(statement(.int8(7)), until: soon)[0].value(0) == 8)
  }

  @Test func aBatchIsOneTransactionAndItsErrorNamesTheStatement() throws {
    try connection.sql("CREATE TABLE t (a int8 CONSTRAINT t_a_key UNIQUE, b int8 NOT NULL DEFAULT 0 CHECK (b >= 0))")
    let insert = PostgresStatement("t.insert", "INSERT INTO t (a) VALUES ($1)")
    let error = postgresError {
      _ = try connection.run([insert(.int8(1)), insert(.int8(1)), insert(.int8(2))], until: soon)
    }
    guard case .server(let refusal) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(refusal.sqlState == "23505" && refusal.constraint == "t_a_key" && refusal.table == "t")
    #expect(refusal.index == 1 && refusal.statement == "t.insert")
    #expect(!"\(refusal)".contains("(1)"), "the description tells a value")
    #expect(try connection.number("SELECT count(*) FROM t") == 0)
    #expect(try connection.run([insert(.int8(1)), insert(.int8(2))], until: soon).map(\.affected) == [1, 1])
    #expect(postgresError { try connection.sql("UPDATE t SET b = -1") }?.constraint == "t_b_check")
    #expect(postgresError { try connection.sql("SELEC 1") }?.sqlState == "42601")
    #expect(postgresError { try connection.sql("SELECT 1; SELECT 2") }?.sqlState == "42601")
    #expect(postgresError { try connection.sql("COPY t TO STDOUT") } != nil)
    #expect(try connection.number("SELECT count(*) FROM t") == 2)
  }

  /// An error that comes with the end of the batch belongs to the COMMIT.
  @Test func aDeferredConstraintFailsTheCommit() throws {
    try connection.sql("CREATE TABLE t (a int8 UNIQUE DEFERRABLE INITIALLY DEFERRED)")
    let error = postgresError { try connection.sql("INSERT INTO t VALUES (1)", "INSERT INTO t VALUES (1)") }
    guard case .server(let refusal) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(refusal.sqlState == "23505" && refusal.statement == "COMMIT" && refusal.index == 2)
    #expect(try connection.number("SELECT count(*) FROM t") == 0)
  }

  @Test func hostileValuesAreRefusedOrKept() throws {
    try connection.sql("CREATE TABLE t (a text, b varchar(3), c jsonb, d timestamptz)")
    let insert = PostgresStatement("t.insert", "INSERT INTO t (a) VALUES ($1)")
    #expect(
      postgresError { _ = try connection.run(insert(.text("a\u{0}b")), until: soon) }
        == .invalidValue("parameter $1 of t.insert contains a NUL, which Postgres does not store"))
    let long = String(repeating: "x", count: (64 << 20) + 1)
    #expect(
      postgresError { _ = try connection.run(insert(.text(long)), until: soon) }
        == .invalidValue("the parameters of t.insert are longer than 67108864 bytes"))
    let many = PostgresCall(statement: insert, values: Array(repeating: .int8(1), count: 65_536))
    #expect(postgresError { _ = try connection.run(many, until: soon) } != nil)
    #expect(postgresError { try connection.sql("SELECT '\u{0}'") } != nil)
    for text in ["'; DROP TABLE t; --", "\\'", "\u{FFFF}\u{10FFFF}e\u{301}", String(repeating: "я", count: 3 << 20)] {
      let rows = try connection.run(
        [insert(.text(text)), PostgresStatement(unprepared: "DELETE FROM t RETURNING a")()], until: soon)
      #expect(try rows[1][0].value(0) == text)
    }
    let refused: [(PostgresValue, String, String)] = [
      (.text("abcd"), "b", "22001"), (.jsonb("{"), "c", "22P02"), (.jsonb("\"\\u0000\""), "c", "22P05"),
      (.timestamptz(PostgresTimestamp(microseconds: .min + 946_684_800_000_001)), "d", "22008"),
    ]
    for (value, column, code) in refused {
      let statement = PostgresStatement(unprepared: "INSERT INTO t (\(column)) VALUES ($1)")
      #expect(postgresError { _ = try connection.run(statement(value), until: soon) }?.sqlState == code, "\(code)")
    }
  }

  /// Of a database that does not check its bytes, the server sends us none that are no text.
  @Test func bytesThatAreNoTextAreRefused() throws {
    let careless = try PostgresDatabase(options: "TEMPLATE template0 ENCODING 'SQL_ASCII' LC_COLLATE 'C' LC_CTYPE 'C'")
    #expect(postgresError { _ = try careless.admin.text("SELECT chr(255)") }?.sqlState == "22021")
    #expect(try careless.admin.text("SELECT chr(97)") == "a")
  }

  @Test func theSessionHasItsBounds() throws {
    let connection = PostgresConnection(database.named("bounded"))
    #expect(try connection.text("SELECT current_setting('lock_timeout')") == "2s")
    #expect(try connection.text("SELECT current_setting('idle_in_transaction_session_timeout')") == "10s")
    #expect(try connection.text("SELECT current_setting('application_name')") == "bounded")
    // The deadline reaches the server, rounded up to a power of two.
    let limit = PostgresStatement("limit", "SELECT setting::int8 FROM pg_settings WHERE name = 'statement_timeout'")
    #expect(try connection.run(limit(), until: .now + .seconds(10))[0].value(0) == 16_384)
    #expect(try connection.run(limit(), until: .now + .seconds(3))[0].value(0) == 4096)
    #expect(try connection.run(limit(), until: .now + .milliseconds(200))[0].value(0) == 256)
  }

  /// A plan that is older than the table it reads is made anew, in another session.
  @Test func aChangedTableIsReadAnew() throws {
    let other = PostgresConnection(database.configuration)
    try connection.sql("CREATE TABLE t (a int8)", "INSERT INTO t VALUES (1)")
    let all = PostgresStatement("t.all", "SELECT * FROM t")
    #expect(try connection.run(all(), until: soon).columnCount == 1)
    try other.sql("ALTER TABLE t ADD b int8 DEFAULT 2")
    let rows = try connection.run(all(), until: soon)
    #expect(rows.columnCount == 2)
    #expect(try rows[0].value("b") == 2)
  }

  @Test func whatKeepsUsOutIsSaid() throws {
    func reason(_ change: (inout String) -> Void) throws -> PostgresError? {
      var url = ProcessInfo.processInfo.environment["USERS_DATABASE_URL"]!
      change(&url)
      let connection = PostgresConnection(try PostgresConfiguration(url: url))
      let error = postgresError { _ = try connection.number("SELECT 1") }
      let text = "\(error, default: "")"
      #expect(!text.contains("127.0.0.1") && !text.contains("local"), "\(text)")
      return error
    }
    #expect(try reason { $0.replace(":local@", with: ":wrong@") } == .connection(.rejected(sqlState: "28P01")))
    #expect(try reason { $0.replace("//users:", with: "//nobody:") } == .connection(.rejected(sqlState: "28P01")))
    #expect(try reason { $0.replace(/\/users$/, with: "/none") } == .connection(.rejected(sqlState: "3D000")))
    #expect(try reason { $0.replace(/:\d+\/users/, with: ":1/users") } == .connection(.refused))
    #expect(try reason { $0 += "?sslmode=require" } == .connection(.unreachable))
    #expect(try reason { $0.replace("127.0.0.1", with: "no-such-host.invalid") } == .connection(.unknownHost))
  }

  @Test func tooManyClientsAreSaidAndPass() throws {
    let name = database.configuration.database
    try connection.sql("ALTER DATABASE \(name) CONNECTION LIMIT 1")
    let second = PostgresConnection(database.configuration)
    #expect(postgresError { _ = try second.number("SELECT 1") } == .connection(.rejected(sqlState: "53300")))
    try connection.sql("ALTER DATABASE \(name) CONNECTION LIMIT 2")
    #expect(try second.number("SELECT 1") == 1)
  }
}
