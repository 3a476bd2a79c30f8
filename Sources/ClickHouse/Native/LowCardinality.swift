/// The native encoding of LowCardinality: a version before the column, then a word of flags with the width of the
/// indices, the number of dictionary entries, the entries, the number of rows, an index a row. Layout as in
/// ClickHouse's `SerializationLowCardinality.cpp`.
enum LowCardinality {
  /// "Shared dictionaries with additional keys", the only version there is.
  static let version: UInt64 = 1
  private static let hasGlobalDictionary: UInt64 = 1 << 8
  private static let hasAdditionalKeys: UInt64 = 1 << 9
  private static let needsUpdate: UInt64 = 1 << 10

  /// log2 of the bytes of an index, as the server chooses it.
  private static func indexWidth(_ entries: Int) -> Int {
    if entries <= Int(UInt8.max) { return 0 }
    return entries <= Int(UInt16.max) ? 1 : 2
  }

  static func decode(
    _ inner: NativeType, rows: Int, from reader: inout NativeReader
  ) throws(ClickHouseError) -> NativeColumn {
    var entryType = inner
    var isNullable = false
    if case .nullable(let type) = inner { (entryType, isNullable) = (type, true) }
    // No rows: the server writes nothing at all.
    guard rows > 0 else {
      let none = try NativeColumn.decodeBody(entryType, rows: 0, from: &reader)
      return .lowCardinality(dictionary: none, indices: [], nullable: isNullable)
    }
    let flags = try reader.word("flags of a LowCardinality column")
    guard flags & hasAdditionalKeys != 0, flags & hasGlobalDictionary == 0 else {
      throw .protocolViolation("a LowCardinality column has flags \(flags); only own dictionaries are understood")
    }
    let entries = try reader.word("size of a dictionary")
    guard let entries = Int(exactly: entries), entries <= reader.remaining else {
      throw reader.truncated("entries of a dictionary")
    }
    let dictionary = try NativeColumn.decodeBody(entryType, rows: entries, from: &reader)
    guard try reader.word("number of indices") == UInt64(rows) else {
      throw .protocolViolation("a LowCardinality column has not as many indices as its block has rows")
    }
    let indices: [UInt32]
    switch flags & 0xff {
    case 0: indices = try reader.array(rows, of: "indices", as: UInt8.self).map { UInt32($0) }
    case 1: indices = try reader.array(rows, of: "indices", as: UInt16.self).map { UInt32($0) }
    case 2: indices = try reader.array(rows, of: "indices")
    default: throw .protocolViolation("a LowCardinality column has indices of an unknown width")
    }
    guard indices.allSatisfy({ $0 < entries }) else {
      throw .protocolViolation("a LowCardinality column has an index beyond its \(entries) entries")
    }
    return .lowCardinality(dictionary: dictionary, indices: indices, nullable: isNullable)
  }

  static func encode(dictionary: NativeColumn, indices: [UInt32], to output: inout OutputBuffer) {
    guard !indices.isEmpty else { return }
    encodeHead(entries: dictionary.count, to: &output)
    dictionary.encodeBody(to: &output)
    indices.withUnsafeBufferPointer { encode(indices: $0, entries: dictionary.count, to: &output) }
  }

  static func encodeHead(entries: Int, to output: inout OutputBuffer) {
    output.append(hasAdditionalKeys | needsUpdate | UInt64(indexWidth(entries)))
    output.append(UInt64(entries))
  }

  static func encode(indices: UnsafeBufferPointer<UInt32>, entries: Int, to output: inout OutputBuffer) {
    output.append(UInt64(indices.count))
    let highest = indices.reduce(0) { max($0, $1) }
    precondition(Int(highest) < entries, "a LowCardinality index lies beyond the dictionary")
    let count = indices.count
    switch indexWidth(entries) {
    case 0:
      let target = output.reserve(count).assumingMemoryBound(to: UInt8.self)
      for row in 0..<count { target[row] = UInt8(truncatingIfNeeded: indices[row]) }
      output.advance(count)
    case 1:
      let target = output.reserve(2 * count)
      for row in 0..<count {
        target.storeBytes(
          of: UInt16(truncatingIfNeeded: indices[row]).littleEndian, toByteOffset: 2 &* row, as: UInt16.self)
      }
      output.advance(2 * count)
    default: output.append(UnsafeRawBufferPointer(indices))
    }
  }
}
