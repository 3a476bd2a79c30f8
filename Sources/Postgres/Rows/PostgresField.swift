/// One field of a row in its binary form; its bytes are lent for the call it is given to.
package struct PostgresField {
  /// Nil: NULL.
  package let bytes: UnsafeRawBufferPointer?
  /// The OID of its type.
  package let oid: UInt32

  package init(_ bytes: UnsafeRawBufferPointer?, oid: UInt32) {
    self.bytes = bytes
    self.oid = oid
  }

  package var type: PostgresType? { PostgresType(rawValue: oid) }

  /// The bytes of what is not NULL.
  package func content() throws(FieldMismatch) -> UnsafeRawBufferPointer {
    guard let bytes else { throw FieldMismatch(reason: "is NULL, and is read as what cannot be") }
    return bytes
  }

  /// The error of a field that is of none of the types in `wanted`.
  package func mismatch(_ wanted: String) -> FieldMismatch {
    let found = type.map { "\($0)" } ?? "of the type with OID \(oid)"
    return FieldMismatch(reason: "is \(found), not \(wanted): cast it in SQL")
  }
}

/// Why a field is not what it was read as; the sentence's rest, without the value.
package struct FieldMismatch: Error {
  package let reason: String

  package init(reason: String) { self.reason = reason }

  static func length(_ count: Int) -> FieldMismatch {
    FieldMismatch(reason: "has \(count) bytes, which its type never has")
  }
  static let notText = FieldMismatch(reason: "is not UTF-8")
}

extension UnsafeRawBufferPointer {
  /// An integer with the high byte first, which must be all there is.
  func bigEndian<Number: FixedWidthInteger>(_ type: Number.Type = Number.self) throws(FieldMismatch) -> Number {
    guard count == MemoryLayout<Number>.size else { throw .length(count) }
    return Number(bigEndian: loadUnaligned(as: Number.self))
  }
}
