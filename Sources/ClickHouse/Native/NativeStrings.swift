/// Strings kept as one run of bytes and the offset at which each ends. ClickHouse strings are bytes: `subscript`
/// repairs what is not UTF-8, `bytes(at:)` gives them as they are.
package struct NativeStrings: Sendable, Equatable, RandomAccessCollection {
  package private(set) var bytes: [UInt8]
  package private(set) var ends: [UInt32]

  /// - Parameter ends: in ascending order, the last one the number of bytes.
  package init(bytes: [UInt8], ends: [UInt32]) {
    precondition(Int(ends.last ?? 0) == bytes.count, "the last string must end with the bytes")
    precondition(zip(ends, ends.dropFirst()).allSatisfy { $0 <= $1 }, "string ends must ascend")
    self.bytes = bytes
    self.ends = ends
  }

  package init(_ texts: some Sequence<String>) {
    bytes = []
    ends = []
    for text in texts {
      bytes.append(contentsOf: text.utf8)
      ends.append(UInt32(bytes.count))
    }
  }

  package var startIndex: Int { 0 }
  package var endIndex: Int { ends.count }

  package func bytes(at row: Int) -> ArraySlice<UInt8> {
    bytes[(row == 0 ? 0 : Int(ends[row - 1]))..<Int(ends[row])]
  }

  package subscript(row: Int) -> String { String(decoding: bytes(at: row), as: UTF8.self) }
}

/// In a block: each string as its length (varint) and its bytes.
extension NativeStrings {
  init(decoding rows: Int, from reader: inout NativeReader) throws(ClickHouseError) {
    guard rows <= reader.remaining else { throw reader.truncated("String values") }
    bytes = []
    ends = []
    ends.reserveCapacity(rows)
    for _ in 0..<rows {
      let length = try reader.varint("length of a String")
      bytes.append(contentsOf: try reader.take(length, of: "String values"))
      guard let end = UInt32(exactly: bytes.count) else {
        throw .protocolViolation("a String column of a Native block holds more than 4 GiB")
      }
      ends.append(end)
    }
  }

  func encode(to output: inout OutputBuffer) {
    ends.withUnsafeBufferPointer { ends in
      bytes.withUnsafeBytes { Self.encode(ends: ends, bytes: $0, to: &output) }
    }
  }

  /// The loop of the hot path: one reservation for all rows, short strings copied as one 16-byte word.
  static func encode(
    ends: UnsafeBufferPointer<UInt32>, bytes: UnsafeRawBufferPointer, to output: inout OutputBuffer
  ) {
    guard let last = ends.last else { return }
    precondition(Int(last) <= bytes.count, "the last string must end within the bytes")
    let target = output.reserve(Int(last) + ends.count * 5 + 16)
    guard Int(last) > 0, let source = bytes.baseAddress else {
      target.initializeMemory(as: UInt8.self, repeating: 0, count: ends.count)
      return output.advance(ends.count)
    }
    let wideLimit = bytes.count - 16
    var written = 0
    var start = 0
    for end in ends {
      let length = Int(end) &- start
      precondition(length >= 0, "string ends must ascend")
      if length < 0x80 {
        target.storeBytes(of: UInt8(truncatingIfNeeded: length), toByteOffset: written, as: UInt8.self)
        written &+= 1
      } else {
        var rest = UInt32(truncatingIfNeeded: length)
        while rest >= 0x80 {
          target.storeBytes(of: UInt8(truncatingIfNeeded: rest) | 0x80, toByteOffset: written, as: UInt8.self)
          rest &>>= 7
          written &+= 1
        }
        target.storeBytes(of: UInt8(truncatingIfNeeded: rest), toByteOffset: written, as: UInt8.self)
        written &+= 1
      }
      if length <= 16, start <= wideLimit {
        let word = source.loadUnaligned(fromByteOffset: start, as: SIMD2<UInt64>.self)
        target.storeBytes(of: word, toByteOffset: written, as: SIMD2<UInt64>.self)
      } else if length > 0 {
        (target + written).copyMemory(from: source + start, byteCount: length)
      }
      written &+= length
      start = Int(end)
    }
    output.advance(written)
  }
}
