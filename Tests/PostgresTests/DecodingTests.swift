import Foundation
import Postgres
import Testing

/// What was written is read again, and what is not of the type is refused, whatever its bytes.
@Suite struct DecodingTests {
  private func read<Value: PostgresDecodable>(
    _ bytes: [UInt8]?, _ type: PostgresType, as: Value.Type = Value.self
  ) throws -> Value {
    guard let bytes else { return try Value.decode(PostgresField(nil, oid: type.rawValue)) }
    return try bytes.withUnsafeBytes { try Value.decode(PostgresField($0, oid: type.rawValue)) }
  }

  private func roundTrip<Value: PostgresDecodable>(_ value: PostgresValue, as: Value.Type = Value.self) throws -> Value
  {
    var writer = BinaryWriter()
    return try read(writer.write(value) ? writer.bytes : nil, value.type)
  }

  @Test func whatWasWrittenIsRead() throws {
    #expect(try roundTrip(.bool(true)) == true)
    #expect(try roundTrip(.int2(-7)) == Int16(-7))
    #expect(try roundTrip(.int2(-7)) == Int32(-7))
    #expect(try roundTrip(.int2(-7)) == Int64(-7))
    #expect(try roundTrip(.int4(.min)) == Int32.min)
    #expect(try roundTrip(.int4(.min)) == Int(Int32.min))
    #expect(try roundTrip(.int8(.max)) == Int64.max)
    #expect(try roundTrip(.float8(-0.1)) == -0.1)
    #expect(try roundTrip(.float8(.nan), as: Double.self).isNaN)
    #expect(try roundTrip(.text("дважды\n\\'")) == "дважды\n\\'")
    #expect(try roundTrip(.jsonb("{\"a\": 1}")) == "{\"a\": 1}")
    #expect(try roundTrip(.uuid(BinaryWriterTests.uuid)) == BinaryWriterTests.uuid)
    #expect(try roundTrip(.bytea([1, 0, 255])) == [UInt8]([1, 0, 255]))
    #expect(try roundTrip(.int8Array([.min, 0, .max])) == [Int64.min, 0, .max])
    #expect(try roundTrip(.textArray(["", "я", "a,b\""])) == ["", "я", "a,b\""])
    #expect(try roundTrip(.textArray([])) == [String]())
    #expect(try roundTrip(.uuidArray([BinaryWriterTests.uuid])) == [BinaryWriterTests.uuid])
    #expect(try roundTrip(.int8(nil)) == Int64?.none)
    #expect(try roundTrip(.text("x")) == String?.some("x"))
    let moment = PostgresTimestamp(microseconds: -1)
    #expect(try roundTrip(.timestamptz(moment)) == moment)
    #expect(moment.milliseconds == -1 && PostgresTimestamp(milliseconds: -5).milliseconds == -5)
  }

  @Test func aFloatOfFourBytesIsRead() throws {
    #expect(try read([0x3f, 0xc0, 0, 0], .float4) == 1.5)
  }

  private func reason<Value: PostgresDecodable>(
    _ bytes: [UInt8]?, _ type: PostgresType, as _: Value.Type
  ) -> String? {
    #expect(throws: FieldMismatch.self) { try read(bytes, type, as: Value.self) }?.reason
  }

  @Test func whatIsOfAnotherTypeIsRefused() {
    #expect(reason([0, 0, 0, 1], .int4, as: Int16.self) == "is int4, not int2: cast it in SQL")
    #expect(reason([0, 0, 0, 1], .int4, as: String.self)?.hasPrefix("is int4, not text, varchar") == true)
    #expect(reason([0], .text, as: Bool.self) != nil)
    #expect(reason(nil, .int8, as: Int64.self) == "is NULL, and is read as what cannot be")
    let unknown = #expect(throws: FieldMismatch.self) {
      try Int64.decode(PostgresField(UnsafeRawBufferPointer(start: nil, count: 0), oid: 1082))
    }
    #expect(unknown?.reason.hasPrefix("is of the type with OID 1082, not int8") == true)
  }

  @Test func brokenBytesAreRefused() {
    for count in [0, 1, 3, 5, 7, 9, 16] {
      let bytes = [UInt8](repeating: 1, count: count)
      #expect(reason(bytes, .int8, as: Int64.self) == "has \(count) bytes, which its type never has")
      if count != 16 { #expect(reason(bytes, .uuid, as: UUID.self) != nil) }
    }
    #expect(reason([], .bool, as: Bool.self) != nil)
    #expect(reason([0x61, 0xff], .text, as: String.self) == "is not UTF-8")
    #expect(reason([0xed, 0xa0, 0x80], .text, as: String.self) == "is not UTF-8")
    #expect(reason([], .jsonb, as: String.self) != nil)
    #expect(reason([2, 0x7b], .jsonb, as: String.self) != nil)
    for infinity in [Int64.max, Int64.min] {
      let bytes = withUnsafeBytes(of: infinity.bigEndian) { [UInt8]($0) }
      #expect(reason(bytes, .timestamptz, as: PostgresTimestamp.self) == "is infinity, not a moment")
    }
  }

  @Test func brokenArraysAreRefused() throws {
    func words(_ numbers: Int32...) -> [UInt8] { numbers.flatMap { withUnsafeBytes(of: $0.bigEndian) { [UInt8]($0) } } }
    let one = words(1, 0, 20, 1, 1, 8) + [UInt8](repeating: 0, count: 8)
    #expect(try read(one, .int8Array) == [Int64(0)])
    for end in 0..<one.count { #expect(reason(Array(one[..<end]), .int8Array, as: [Int64].self) != nil) }
    #expect(reason(one + [0], .int8Array, as: [Int64].self) != nil)
    #expect(
      reason(words(2, 0, 20, 1, 1, 1, 1), .int8Array, as: [Int64].self) == "is an array of 2 dimensions, not of one")
    #expect(reason(words(1, 1, 20, 1, 1, -1), .int8Array, as: [Int64].self) == "is an array with a NULL in it")
    #expect(reason(words(1, 0, 25, 1, 1, 0), .int8Array, as: [Int64].self) != nil)
    #expect(reason(words(1, 0, 20, .max, 1, 8), .int8Array, as: [Int64].self) != nil)
    #expect(reason(words(1, 0, 20, -1, 1, 8), .int8Array, as: [Int64].self) != nil)
    #expect(reason(words(1, 0, 25, 1, 1, .max), .textArray, as: [String].self) != nil)
    #expect(reason(words(1, 0, 20, 1, 1, 4, 0), .int8Array, as: [Int64].self) != nil)
  }

  /// Noise is refused or read, and never reads beyond its end.
  @Test(arguments: 0..<8) func noiseIsSurvived(_ seed: UInt64) {
    var state = seed &* 0x9e37_79b9_7f4a_7c15 &+ 1
    func next() -> UInt64 {
      state ^= state << 13
      state ^= state >> 7
      state ^= state << 17
      return state
    }
    for _ in 0..<2000 {
      var bytes = (0..<Int(next() % 40)).map { _ in next() % 3 == 0 ? UInt8(truncatingIfNeeded: next()) : 0 }
      if bytes.count > 12, next() % 2 == 0 {
        bytes.replaceSubrange(0..<12, with: [0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 20])
      }
      _ = try? read(bytes, .int8Array, as: [Int64].self)
      _ = try? read(bytes, .textArray, as: [String].self)
      _ = try? read(bytes, .uuidArray, as: [UUID].self)
      _ = try? read(bytes, .jsonb, as: String.self)
      _ = try? read(bytes, .timestamptz, as: PostgresTimestamp.self)
    }
  }
}
