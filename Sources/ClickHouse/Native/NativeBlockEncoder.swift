/// Writes blocks in the Native format: `begin`, one `append` a column, `bytes`. Columns go in as they lie in memory and
/// are copied in bulk; once the encoder has seen its largest block it allocates nothing.
///
/// Not Sendable: one thread at a time. Numbers are little-endian in memory, as in the format.
package final class NativeBlockEncoder {
  private var output: OutputBuffer
  private var rows = 0
  private var columnsLeft = 0

  /// - Parameter capacity: bytes to begin with; it grows as needed.
  package init(capacity: Int = 1 << 20) {
    output = OutputBuffer(capacity: capacity)
  }

  /// The finished block; valid until the next `begin` and while the encoder lives. A program error before all columns
  /// are appended.
  package var bytes: UnsafeRawBufferPointer {
    precondition(columnsLeft == 0, "\(columnsLeft) columns of the block are missing")
    return output.bytes
  }

  /// Hands over to `compressor` what is encoded so far, once that fills a frame. Called after each column, it keeps the
  /// encoder's memory at that of one column, whatever the block's size; `bytes` is then the block's end.
  package func drain(into compressor: FrameCompressor) {
    guard output.count >= CompressedFrame.payloadLimit else { return }
    compressor.append(output.bytes)
    output.clear()
  }

  /// Begins a block, dropping the last one.
  package func begin(columns: Int, rows: Int) {
    output.clear()
    output.append(varint: columns)
    output.append(varint: rows)
    columnsLeft = columns
    self.rows = rows
  }

  private func appendHead(_ name: String, _ type: String) {
    precondition(columnsLeft > 0, "the block already has all its columns")
    columnsLeft -= 1
    output.append(name)
    output.append(type)
  }

  /// A column of a fixed-width type: integers, floats, Bool, UUID (see ``ClickHouseUUID``), dates and times,
  /// FixedString. `bytes` holds `rows` values.
  package func append(fixed name: String, type: String, bytes: UnsafeRawBufferPointer) {
    precondition(rows == 0 ? bytes.isEmpty : bytes.count % rows == 0, "column \(name) has not a value for each row")
    appendHead(name, type)
    output.append(bytes)
  }

  /// A Nullable column of a fixed-width type. `nulls` holds a byte a row, 1 for NULL; `bytes` holds `rows` values, those of
  /// NULLs too, which mean nothing.
  package func append(
    nullable name: String, type: String, nulls: UnsafeRawBufferPointer, bytes: UnsafeRawBufferPointer
  ) {
    precondition(
      nulls.count == rows && (rows == 0 ? bytes.isEmpty : bytes.count % rows == 0),
      "column \(name) has not a value for each row")
    appendHead(name, type)
    output.append(nulls)
    output.append(bytes)
  }

  /// A String column: row `r` is `bytes[ends[r - 1]..<ends[r]]`.
  package func append(
    strings name: String, type: String = "String", ends: UnsafeBufferPointer<UInt32>, bytes: UnsafeRawBufferPointer
  ) {
    precondition(ends.count == rows, "column \(name) has not a value for each row")
    appendHead(name, type)
    NativeStrings.encode(ends: ends, bytes: bytes, to: &output)
  }

  /// A LowCardinality(String) column: `ends` and `bytes` are the dictionary, whose entry 0 must be the empty string,
  /// `indices` an entry number a row.
  package func append(
    lowCardinality name: String, type: String = "LowCardinality(String)", ends: UnsafeBufferPointer<UInt32>,
    bytes: UnsafeRawBufferPointer, indices: UnsafeBufferPointer<UInt32>
  ) {
    precondition(indices.count == rows, "column \(name) has not a value for each row")
    precondition(ends.first == 0, "entry 0 of the dictionary of \(name) must be the empty string")
    appendHead(name, type)
    guard rows > 0 else { return }
    output.append(LowCardinality.version)
    LowCardinality.encodeHead(entries: ends.count, to: &output)
    NativeStrings.encode(ends: ends, bytes: bytes, to: &output)
    LowCardinality.encode(indices: indices, entries: ends.count, to: &output)
  }

  /// A column of any type from an array of values.
  /// - Parameter type: as ClickHouse writes it; it must have the shape of `values.type`.
  package func append(_ values: NativeColumn, name: String, type: String) {
    precondition(values.count == rows, "column \(name) has not a value for each row")
    precondition((try? NativeType(parsing: type)) == values.type, "the values of column \(name) are no \(type)")
    appendHead(name, type)
    if rows > 0 { values.encode(to: &output) }
  }

  /// A whole block. Returns its bytes, valid until the next `begin` and while the encoder lives.
  @discardableResult
  package func encode(_ block: NativeBlock) -> UnsafeRawBufferPointer {
    begin(columns: block.columns.count, rows: block.rows)
    for column in block.columns { append(column.values, name: column.name, type: column.type) }
    return bytes
  }
}
