/// One column's values, valid while the call that handed them out lasts.
public enum ColumnValues {
  /// `rows * width` bytes, little-endian, as in a Native block (a UUID is its high half, then its low half).
  case fixed(UnsafeRawBufferPointer)
  /// `ends[row]` is where the row's string ends in `bytes`; it starts where the one before ends.
  case string(ends: UnsafeBufferPointer<UInt32>, bytes: UnsafeRawBufferPointer)
  /// `ends` and `bytes` are the dictionary, entry 0 being ""; `indices` holds an entry number a row.
  case lowCardinality(
    ends: UnsafeBufferPointer<UInt32>, bytes: UnsafeRawBufferPointer, indices: UnsafeBufferPointer<UInt32>)
}

extension EventColumns {
  /// Rows appended since the last `reset()`.
  public var rowCount: Int { state.pointee.rows }
  public var isEmpty: Bool { state.pointee.rows == 0 }
  /// True when the block should be sent: no row is left, or the strings reached their limit.
  public var isFull: Bool { state.pointee.rows == capacity || state.pointee.stringBytes >= stringByteLimit }

  /// The rows' size in bytes, before compression.
  public var byteCount: Int { state.pointee.rows * Self.rowWidth + state.pointee.stringBytes }

  /// The earliest and latest `occurred_at`, milliseconds since 1970; nil without rows.
  public var occurredAtMs: ClosedRange<Int64>? {
    isEmpty ? nil : state.pointee.minOccurredAtMs...state.pointee.maxOccurredAtMs
  }

  /// How many rows are of that type.
  public func rowCount(of type: EventType) -> Int { state.pointee.typeRows[type.index] }

  /// Lends one column's values; `Catalogue.v1.columns` is the order of a block.
  public func withColumn<Result, Failure: Error>(
    _ column: EventColumn, _ body: (ColumnValues) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    let base = bases[column.index]
    let rows = state.pointee.rows
    let words = UnsafeBufferPointer(start: base.assumingMemoryBound(to: UInt32.self), count: rows)
    let values: ColumnValues
    switch column {
    case .email:
      values = .string(ends: words, bytes: state.pointee.emails.bytes)
    case .eventType:
      values = .lowCardinality(
        ends: state.pointee.types.entryEnds, bytes: state.pointee.types.bytes, indices: words)
    case .producer:
      values = .lowCardinality(
        ends: state.pointee.producers.entryEnds, bytes: state.pointee.producers.bytes, indices: words)
    case .emailDomain:
      values = .lowCardinality(
        ends: state.pointee.domains.entryEnds, bytes: state.pointee.domains.bytes, indices: words)
    default:
      values = .fixed(UnsafeRawBufferPointer(start: base, count: rows * widths[column.index]))
    }
    defer { withExtendedLifetime(self) {} }
    return try body(values)
  }

  private static let rowWidth = EventColumn.allCases.reduce(0) { sum, column in
    if case .fixed(let width) = column.type.storage { sum + width } else { sum + MemoryLayout<UInt32>.stride }
  }
}
