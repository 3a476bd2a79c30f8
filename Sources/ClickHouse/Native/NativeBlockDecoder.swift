/// Reads an answer in the Native format: blocks one after the other. What it is given may be anything: sizes are
/// checked against the bytes there are before memory is taken for them.
package struct NativeBlockDecoder {
  private let bytes: [UInt8]
  private var offset = 0

  package init(_ bytes: [UInt8]) {
    self.bytes = bytes
  }

  /// All blocks of a complete answer. Throws `.protocolViolation` if it is cut short or not understood.
  package static func decode(_ bytes: [UInt8]) throws(ClickHouseError) -> [NativeBlock] {
    var decoder = NativeBlockDecoder(bytes)
    var blocks: [NativeBlock] = []
    while let block = try decoder.next() { blocks.append(block) }
    return blocks
  }

  /// The next block, nil at the end.
  package mutating func next() throws(ClickHouseError) -> NativeBlock? {
    guard offset < bytes.count else { return nil }
    let (result, used) = bytes.withUnsafeBytes { all in
      var reader = NativeReader(UnsafeRawBufferPointer(rebasing: all[offset...]))
      let result = Result { () throws(ClickHouseError) in try Self.block(&reader) }
      return (result, reader.offset)
    }
    offset += used
    return try result.get()
  }

  private static func block(_ reader: inout NativeReader) throws(ClickHouseError) -> NativeBlock {
    let columnCount = try reader.varint("number of columns")
    let rows = try reader.varint("number of rows")
    // A column takes at least the lengths of its name and type.
    guard columnCount <= reader.remaining / 2 else { throw reader.truncated("columns") }
    guard columnCount > 0 || rows == 0 else { throw .protocolViolation("a Native block has rows but no columns") }
    var columns: [NativeBlock.Column] = []
    columns.reserveCapacity(columnCount)
    for _ in 0..<columnCount {
      let name = try reader.text("name of a column")
      let typeText = try reader.text("type of a column")
      let type = try NativeType(parsing: typeText)
      // Without rows the server writes no bodies and no prefixes.
      let values =
        try rows == 0
        ? NativeColumn.decodeBody(type, rows: 0, from: &reader) : NativeColumn.decode(type, rows: rows, from: &reader)
      columns.append(NativeBlock.Column(name: name, type: typeText, values: values))
    }
    return NativeBlock(columns: columns, rows: rows)
  }
}
