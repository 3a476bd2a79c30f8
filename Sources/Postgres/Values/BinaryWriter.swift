import Foundation

/// Values in Postgres's binary form (its `*send` functions): integers with the high byte first.
package struct BinaryWriter {
  package private(set) var bytes: [UInt8] = []

  package init() {}

  /// Writes the value, without its length.
  /// - Returns: false for NULL, which has no bytes.
  package mutating func write(_ value: PostgresValue) throws(UnsendableValue) -> Bool {
    switch value.content {
    case .null: return false
    case .bool(let flag): bytes.append(flag ? 1 : 0)
    case .int2(let number): write(number)
    case .int4(let number): write(number)
    case .int8(let number): write(number)
    case .float8(let number): write(number.bitPattern)
    case .text(let text): try write(text)
    case .uuid(let uuid): write(uuid)
    case .timestamp(let moment):
      let (since2000, overflow) = moment.microseconds.subtractingReportingOverflow(PostgresTimestamp.epochOffset)
      guard !overflow else { throw UnsendableValue(reason: "is a moment before Postgres's calendar begins") }
      write(since2000)
    case .bytes(let content): bytes += content
    case .json(let text):
      // The version of jsonb's form.
      bytes.append(1)
      try write(text)
    case .int8Array(let numbers):
      beginArray(.int8, count: numbers.count)
      for number in numbers {
        write(Int32(8))
        write(number)
      }
    case .textArray(let texts):
      beginArray(.text, count: texts.count)
      for text in texts {
        write(Int32(truncatingIfNeeded: text.utf8.count))
        try write(text)
      }
    case .uuidArray(let uuids):
      beginArray(.uuid, count: uuids.count)
      for uuid in uuids {
        write(Int32(16))
        write(uuid)
      }
    }
    return true
  }

  private mutating func write(_ number: some FixedWidthInteger) {
    withUnsafeBytes(of: number.bigEndian) { bytes.append(contentsOf: $0) }
  }

  private mutating func write(_ text: String) throws(UnsendableValue) {
    let start = bytes.count
    bytes.append(contentsOf: text.utf8)
    guard !bytes[start...].contains(0) else {
      throw UnsendableValue(reason: "contains a NUL, which Postgres does not store")
    }
  }

  private mutating func write(_ uuid: UUID) {
    withUnsafeBytes(of: uuid.uuid) { bytes.append(contentsOf: $0) }
  }

  /// One dimension from 1, or none; no NULLs.
  private mutating func beginArray(_ element: PostgresType, count: Int) {
    write(Int32(count == 0 ? 0 : 1))
    write(Int32(0))
    write(element.rawValue)
    guard count > 0 else { return }
    write(Int32(truncatingIfNeeded: count))
    write(Int32(1))
  }
}

/// What is wrong with a value; the sentence's rest, without it.
package struct UnsendableValue: Error {
  package let reason: String
}
