/// The values of a column of a Native block, one a row.
package indirect enum NativeColumn: Sendable, Equatable {
  case uint8([UInt8])
  case uint16([UInt16])
  case uint32([UInt32])
  case uint64([UInt64])
  case int8([Int8])
  case int16([Int16])
  case int32([Int32])
  case int64([Int64])
  case float32([Float])
  case float64([Double])
  case bool([Bool])
  case uuid([ClickHouseUUID])
  /// Days since 1970-01-01.
  case date([UInt16])
  /// Days since 1970-01-01.
  case date32([Int32])
  /// Seconds since 1970-01-01 UTC.
  case dateTime([UInt32])
  /// Ticks of 10^-precision seconds since 1970-01-01 UTC.
  case dateTime64([Int64], precision: Int)
  case string(NativeStrings)
  /// `width` bytes a row, one row after the other.
  case fixedString([UInt8], width: Int)
  /// Entry `indices[row]` of `dictionary`, a `string` or `fixedString`. With `nullable`, entry 0 stands for NULL.
  case lowCardinality(dictionary: NativeColumn, indices: [UInt32], nullable: Bool)
  /// `values` holds something for NULL rows too: by custom zero or the empty string.
  case nullable(isNull: [Bool], values: NativeColumn)
  /// Row `r` is `elements[ends[r - 1]..<ends[r]]`.
  case array(ends: [UInt64], elements: NativeColumn)

  /// How many rows.
  package var count: Int {
    switch self {
    case .uint8(let values): values.count
    case .uint16(let values), .date(let values): values.count
    case .uint32(let values), .dateTime(let values): values.count
    case .uint64(let values): values.count
    case .int8(let values): values.count
    case .int16(let values): values.count
    case .int32(let values), .date32(let values): values.count
    case .int64(let values), .dateTime64(let values, _): values.count
    case .float32(let values): values.count
    case .float64(let values): values.count
    case .bool(let values): values.count
    case .uuid(let values): values.count
    case .string(let values): values.count
    case .fixedString(let bytes, let width): bytes.count / width
    case .lowCardinality(_, let indices, _): indices.count
    case .nullable(let isNull, _): isNull.count
    case .array(let ends, _): ends.count
    }
  }

  /// The type these values have, without time zone.
  package var type: NativeType {
    switch self {
    case .uint8: .uint8
    case .uint16: .uint16
    case .uint32: .uint32
    case .uint64: .uint64
    case .int8: .int8
    case .int16: .int16
    case .int32: .int32
    case .int64: .int64
    case .float32: .float32
    case .float64: .float64
    case .bool: .bool
    case .uuid: .uuid
    case .date: .date
    case .date32: .date32
    case .dateTime: .dateTime
    case .dateTime64(_, let precision): .dateTime64(precision: precision)
    case .string: .string
    case .fixedString(_, let width): .fixedString(width)
    case .lowCardinality(let dictionary, _, let nullable):
      .lowCardinality(nullable ? .nullable(dictionary.type) : dictionary.type)
    case .nullable(_, let values): .nullable(values.type)
    case .array(_, let elements): .array(elements.type)
    }
  }

  /// The texts of a `String` or `LowCardinality(String)` column, nil for NULL; nil for a column of another type.
  package var texts: [String?]? {
    switch self {
    case .string(let values): Array(values)
    case .lowCardinality(.string(let entries), let indices, let nullable):
      indices.map { nullable && $0 == 0 ? nil : entries[Int($0)] }
    case .nullable(let isNull, let values):
      values.texts.map { texts in zip(isNull, texts).map { $0 ? nil : $1 } }
    default: nil
    }
  }

  /// The values of an integer, date or time column, nil for NULL and for what exceeds `Int`; nil for a column of
  /// another type.
  package var integers: [Int?]? {
    switch self {
    case .uint8(let values): values.map { Int($0) }
    case .uint16(let values), .date(let values): values.map { Int($0) }
    case .uint32(let values), .dateTime(let values): values.map { Int($0) }
    case .uint64(let values): values.map { Int(exactly: $0) }
    case .int8(let values): values.map { Int($0) }
    case .int16(let values): values.map { Int($0) }
    case .int32(let values), .date32(let values): values.map { Int($0) }
    case .int64(let values), .dateTime64(let values, _): values.map { Int($0) }
    case .nullable(let isNull, let values):
      values.integers.map { integers in zip(isNull, integers).map { $0 ? nil : $1 } }
    default: nil
    }
  }
}
