import Foundation
import Postgres
import Testing

/// Golden bytes, as Postgres's `*send` functions write them: `SELECT encode(int4send(7), 'hex')`.
@Suite struct BinaryWriterTests {
  private func hex(_ value: PostgresValue) throws -> String? {
    var writer = BinaryWriter()
    guard try writer.write(value) else { return nil }
    return writer.bytes.map { String(format: "%02x", $0) }.joined()
  }

  static let uuid = UUID(uuidString: "00112233-4455-6677-8899-aabbccddeeff")!

  @Test func scalars() throws {
    #expect(try hex(.bool(true)) == "01")
    #expect(try hex(.bool(false)) == "00")
    #expect(try hex(.int2(-2)) == "fffe")
    #expect(try hex(.int4(7)) == "00000007")
    #expect(try hex(.int8(Int64.min)) == "8000000000000000")
    #expect(try hex(.float8(1.5)) == "3ff8000000000000")
    #expect(try hex(.float8(-0.0)) == "8000000000000000")
    #expect(try hex(.text("aя")) == "61d18f")
    #expect(try hex(.text("")) == "")
    #expect(try hex(.uuid(Self.uuid)) == "00112233445566778899aabbccddeeff")
    #expect(try hex(.bytea([0, 0xff])) == "00ff")
    #expect(try hex(.jsonb("{}")) == "017b7d")
    // 2000-01-01 00:00:00.000001+00, and the moment before that day.
    #expect(try hex(.timestamptz(PostgresTimestamp(microseconds: 946_684_800_000_001))) == "0000000000000001")
    #expect(try hex(.timestamptz(PostgresTimestamp(milliseconds: 946_684_799_999))) == "fffffffffffffc18")
  }

  @Test func arrays() throws {
    #expect(try hex(.int8Array([])) == "000000000000000000000014")
    #expect(
      try hex(.int8Array([1, -1]))
        == "0000000100000000000000140000000200000001" + "000000080000000000000001" + "00000008ffffffffffffffff")
    #expect(
      try hex(.textArray(["", "a"])) == "0000000100000000000000190000000200000001" + "00000000" + "0000000161")
    #expect(
      try hex(.uuidArray([Self.uuid]))
        == "000000010000000000000b860000000100000001" + "0000001000112233445566778899aabbccddeeff")
  }

  @Test func anAbsentValueIsNull() throws {
    let absent: [PostgresValue] = [
      .bool(nil), .int2(nil), .int4(nil), .int8(nil), .float8(nil), .text(nil), .uuid(nil), .timestamptz(nil),
      .bytea(nil), .jsonb(nil), .int8Array(nil), .textArray(nil), .uuidArray(nil),
    ]
    for value in absent { #expect(try hex(value) == nil) }
    #expect(Set(absent.map(\.type)).count == absent.count)
  }

  @Test func whatPostgresCannotHoldIsRefused() {
    for value in [PostgresValue.text("a\u{0}b"), .jsonb("\u{0}"), .textArray(["a", "\u{0}"])] {
      let refusal = #expect(throws: UnsendableValue.self) { try hex(value) }
      #expect(refusal?.reason == "contains a NUL, which Postgres does not store")
    }
    #expect(throws: UnsendableValue.self) { try hex(.timestamptz(PostgresTimestamp(microseconds: .min))) }
  }
}
