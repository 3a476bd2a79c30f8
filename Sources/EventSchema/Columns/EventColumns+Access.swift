/// One column's values, valid while the call that handed them out lasts.
public enum ColumnValues {
  /// `rows * width` bytes, little-endian, as in a Native block (a UUID is its high half, then its low half).
  case fixed(UnsafeRawBufferPointer)
  /// The same, and a byte a row that is 1 where the value is NULL; the value's own bytes are zero there.
  case nullable(nulls: UnsafeRawBufferPointer, values: UnsafeRawBufferPointer)
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
      state.pointee.emails.fill(to: rows, base)
      values = .string(ends: words, bytes: state.pointee.emails.bytes)
    case .title:
      state.pointee.titles.fill(to: rows, base)
      values = .string(ends: words, bytes: state.pointee.titles.bytes)
    case .eventType:
      values = .lowCardinality(
        ends: state.pointee.types.entryEnds, bytes: state.pointee.types.bytes, indices: words)
    case .producer:
      values = .lowCardinality(
        ends: state.pointee.producers.entryEnds, bytes: state.pointee.producers.bytes, indices: words)
    case .emailDomain:
      values = .lowCardinality(
        ends: state.pointee.domains.entryEnds, bytes: state.pointee.domains.bytes, indices: words)
    case .timezone:
      values = .lowCardinality(
        ends: state.pointee.timezones.entryEnds, bytes: state.pointee.timezones.bytes, indices: words)
    default:
      let fixed = UnsafeRawBufferPointer(start: base, count: rows * widths[column.index])
      if let place = EventColumn.nullable.firstIndex(of: column) {
        for row in 0..<rows { nullMap[row] = ~known[row] &>> UInt8(place) & 1 }
        values = .nullable(nulls: UnsafeRawBufferPointer(start: nullMap, count: rows), values: fixed)
      } else {
        values = .fixed(fixed)
      }
    }
    defer { withExtendedLifetime(self) {} }
    return try body(values)
  }

  private static let rowWidth = EventColumn.allCases.reduce(0) { sum, column in
    switch column.type.storage {
    case .fixed(let width): sum + width
    case .nullable(let width): sum + width + 1
    case .string, .lowCardinality: sum + MemoryLayout<UInt32>.stride
    }
  }
}
