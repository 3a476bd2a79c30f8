import Foundation

/// What an array is read as an array of: `[Int64]`, `[String]`, `[UUID]` of an array without NULLs, `[UInt8]` of bytea.
package protocol PostgresArrayElement: Sendable {
  static func decodeAll(_ field: PostgresField) throws(FieldMismatch) -> [Self]
}

extension Array: PostgresDecodable where Element: PostgresArrayElement {
  package static func decode(_ field: PostgresField) throws(FieldMismatch) -> [Element] {
    try Element.decodeAll(field)
  }
}

extension UInt8: PostgresArrayElement {
  package static func decodeAll(_ field: PostgresField) throws(FieldMismatch) -> [UInt8] {
    guard field.type == .bytea else { throw field.mismatch("bytea") }
    return [UInt8](try field.content())
  }
}

extension Int64: PostgresArrayElement {
  package static func decodeAll(_ field: PostgresField) throws(FieldMismatch) -> [Int64] {
    guard field.type == .int8Array || field.type == .int4Array else { throw field.mismatch("int8[] or int4[]") }
    return try ArrayReader(field).map()
  }
}

extension String: PostgresArrayElement {
  package static func decodeAll(_ field: PostgresField) throws(FieldMismatch) -> [String] {
    guard field.type == .textArray || field.type == .varcharArray else { throw field.mismatch("text[] or varchar[]") }
    return try ArrayReader(field).map()
  }
}

extension UUID: PostgresArrayElement {
  package static func decodeAll(_ field: PostgresField) throws(FieldMismatch) -> [UUID] {
    guard field.type == .uuidArray else { throw field.mismatch("uuid[]") }
    return try ArrayReader(field).map()
  }
}

/// Reads the binary form of an array of one dimension: dimensions, whether there are NULLs, the elements' type, then of
/// the dimension its size and first index, then each element's length and bytes.
private struct ArrayReader {
  private let element: PostgresType
  private let bytes: UnsafeRawBufferPointer
  private var position = 0

  init(_ field: PostgresField) throws(FieldMismatch) {
    guard let element = field.type?.element else { throw field.mismatch("an array") }
    self.element = element
    bytes = try field.content()
  }

  func map<Element: PostgresDecodable>() throws(FieldMismatch) -> [Element] {
    var reader = self
    let dimensions = try reader.next()
    _ = try reader.next()
    guard UInt32(bitPattern: try reader.next()) == element.rawValue else {
      throw FieldMismatch(reason: "is an array of other elements than its type has")
    }
    guard dimensions != 0 else { return [] }
    guard dimensions == 1 else { throw FieldMismatch(reason: "is an array of \(dimensions) dimensions, not of one") }
    let count = Int(try reader.next())
    _ = try reader.next()
    // Each element has a length at least: a count beyond that is not believed, nor room made for it.
    guard count >= 0, count <= (bytes.count - reader.position) / 4 else { throw .length(bytes.count) }
    var elements: [Element] = []
    elements.reserveCapacity(count)
    for _ in 0..<count {
      let length = Int(try reader.next())
      guard length >= 0 else { throw FieldMismatch(reason: "is an array with a NULL in it") }
      guard length <= bytes.count - reader.position else { throw .length(bytes.count) }
      let content = UnsafeRawBufferPointer(rebasing: bytes[reader.position..<reader.position + length])
      elements.append(try Element.decode(PostgresField(content, oid: element.rawValue)))
      reader.position += length
    }
    guard reader.position == bytes.count else { throw .length(bytes.count) }
    return elements
  }

  private mutating func next() throws(FieldMismatch) -> Int32 {
    guard position + 4 <= bytes.count else { throw .length(bytes.count) }
    defer { position += 4 }
    return try UnsafeRawBufferPointer(rebasing: bytes[position..<position + 4]).bigEndian()
  }
}
