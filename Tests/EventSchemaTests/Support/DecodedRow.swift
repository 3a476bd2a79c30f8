import EventSchema

/// One column of one row.
enum Cell: Equatable, Hashable {
  case bits(UInt64)
  case wide(high: UInt64, low: UInt64)
  case text([UInt8])
  case null

  static func text(_ text: String) -> Cell { .text(Array(text.utf8)) }

  /// What a column holds when nothing was said.
  static func zero(_ column: EventColumn) -> Cell {
    switch column.type.storage {
    case .fixed(width: 16): .wide(high: 0, low: 0)
    case .fixed: .bits(0)
    case .nullable: .null
    case .string, .lowCardinality: .text([])
    }
  }
}

extension EventColumns {
  /// One row, a cell a column in table order.
  func row(_ row: Int) -> [Cell] { EventColumn.allCases.map { cell($0, row) } }

  func cell(_ column: EventColumn, _ row: Int) -> Cell {
    withColumn(column) { values in
      func slice(_ ends: UnsafeBufferPointer<UInt32>, _ bytes: UnsafeRawBufferPointer, _ index: Int) -> Cell {
        let start = index == 0 ? 0 : Int(ends[index - 1])
        return .text(Array(bytes[start..<Int(ends[index])]))
      }
      func load(_ bytes: UnsafeRawBufferPointer, _ offset: Int, _ width: Int) -> UInt64 {
        bytes[(offset)..<(offset + width)].reversed().reduce(0) { $0 << 8 | UInt64($1) }
      }
      switch values {
      case .nullable(let nulls, let bytes):
        guard case .nullable(let width) = column.type.storage, nulls[row] <= 1 else { return .text([]) }
        let value = load(bytes, row * width, width)
        // What is unknown must have left nothing.
        return nulls[row] == 0 ? .bits(value) : value == 0 ? .null : .text([])
      case .fixed(let bytes):
        guard case .fixed(let width) = column.type.storage else { return .text([]) }
        return width == 16
          ? .wide(high: load(bytes, row * 16, 8), low: load(bytes, row * 16 + 8, 8))
          : .bits(load(bytes, row * width, width))
      case .string(let ends, let bytes): return slice(ends, bytes, row)
      case .lowCardinality(let ends, let bytes, let indices): return slice(ends, bytes, Int(indices[row]))
      }
    }
  }
}

/// What one message became.
struct Decoded: Equatable {
  var verdict: Verdict
  var detail: String
  var row: [Cell]?

  subscript(column: EventColumn) -> Cell? { row?[column.index] }
}

/// Decodes messages one by one, each into fresh columns unless told otherwise.
func decode(
  _ bytes: [UInt8], offset: Int64 = 7, kafkaTimestampMs: Int64 = -1, settings: EventSettings = EventSettings()
) -> Decoded {
  var decoder = EventDecoder(settings: settings)
  let columns = EventColumns(capacity: 1)
  let verdict = decoder.decode(bytes, offset: offset, kafkaTimestampMs: kafkaTimestampMs, into: columns)
  return Decoded(verdict: verdict, detail: decoder.detail, row: columns.isEmpty ? nil : columns.row(0))
}

func decode(
  _ text: String, offset: Int64 = 7, kafkaTimestampMs: Int64 = -1, settings: EventSettings = EventSettings()
) -> Decoded {
  decode(Array(text.utf8), offset: offset, kafkaTimestampMs: kafkaTimestampMs, settings: settings)
}
