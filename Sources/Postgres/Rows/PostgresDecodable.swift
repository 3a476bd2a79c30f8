import Foundation

/// What a field can be read as. An optional of it takes NULL.
package protocol PostgresDecodable: Sendable {
  static func decode(_ field: PostgresField) throws(FieldMismatch) -> Self
}

extension Optional: PostgresDecodable where Wrapped: PostgresDecodable {
  package static func decode(_ field: PostgresField) throws(FieldMismatch) -> Wrapped? {
    guard field.bytes != nil else { return nil }
    return try Wrapped.decode(field)
  }
}

extension Bool: PostgresDecodable {
  package static func decode(_ field: PostgresField) throws(FieldMismatch) -> Bool {
    guard field.type == .bool else { throw field.mismatch("bool") }
    return try field.content().bigEndian(UInt8.self) != 0
  }
}

extension Int16: PostgresDecodable {
  package static func decode(_ field: PostgresField) throws(FieldMismatch) -> Int16 {
    guard field.type == .int2 else { throw field.mismatch("int2") }
    return try field.content().bigEndian()
  }
}

extension Int32: PostgresDecodable {
  /// Of an int4 or a narrower one.
  package static func decode(_ field: PostgresField) throws(FieldMismatch) -> Int32 {
    switch field.type {
    case .int4: try field.content().bigEndian()
    case .int2: Int32(try field.content().bigEndian(Int16.self))
    default: throw field.mismatch("int4 or int2")
    }
  }
}

extension Int64: PostgresDecodable {
  /// Of an int8 or a narrower one.
  package static func decode(_ field: PostgresField) throws(FieldMismatch) -> Int64 {
    switch field.type {
    case .int8: try field.content().bigEndian()
    case .int4: Int64(try field.content().bigEndian(Int32.self))
    case .int2: Int64(try field.content().bigEndian(Int16.self))
    default: throw field.mismatch("int8, int4 or int2")
    }
  }
}

extension Int: PostgresDecodable {
  package static func decode(_ field: PostgresField) throws(FieldMismatch) -> Int { Int(try Int64.decode(field)) }
}

extension Double: PostgresDecodable {
  package static func decode(_ field: PostgresField) throws(FieldMismatch) -> Double {
    switch field.type {
    case .float8: Double(bitPattern: try field.content().bigEndian())
    case .float4: Double(Float(bitPattern: try field.content().bigEndian()))
    default: throw field.mismatch("float8 or float4")
    }
  }
}

extension String: PostgresDecodable {
  /// Of a text, or of the text of a JSON document.
  package static func decode(_ field: PostgresField) throws(FieldMismatch) -> String {
    var bytes: UnsafeRawBufferPointer
    switch field.type {
    case .text, .varchar, .bpchar, .name, .json: bytes = try field.content()
    case .jsonb:
      bytes = try field.content()
      guard bytes.first == 1 else { throw FieldMismatch(reason: "is jsonb of a form this version does not know") }
      bytes = UnsafeRawBufferPointer(rebasing: bytes.dropFirst())
    default: throw field.mismatch("text, varchar, name, json or jsonb")
    }
    guard let text = String(validating: bytes, as: UTF8.self) else { throw .notText }
    return text
  }
}

extension UUID: PostgresDecodable {
  package static func decode(_ field: PostgresField) throws(FieldMismatch) -> UUID {
    guard field.type == .uuid else { throw field.mismatch("uuid") }
    let bytes = try field.content()
    guard bytes.count == 16 else { throw .length(bytes.count) }
    return UUID(uuid: bytes.loadUnaligned(as: uuid_t.self))
  }
}

extension PostgresTimestamp: PostgresDecodable {
  package static func decode(_ field: PostgresField) throws(FieldMismatch) -> PostgresTimestamp {
    guard field.type == .timestamptz else { throw field.mismatch("timestamptz") }
    let since2000 = try field.content().bigEndian(Int64.self)
    let (microseconds, overflow) = since2000.addingReportingOverflow(epochOffset)
    // `infinity` and `-infinity` are the ends of the range.
    guard since2000 != .min, !overflow else { throw FieldMismatch(reason: "is infinity, not a moment") }
    return PostgresTimestamp(microseconds: microseconds)
  }
}
