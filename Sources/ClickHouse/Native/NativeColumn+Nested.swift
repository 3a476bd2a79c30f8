/// Columns made of columns. What nested types need once (a LowCardinality's version) comes before all bodies, so prefix
/// and body are kept apart.
extension NativeColumn {
  static func decode(
    _ type: NativeType, rows: Int, from reader: inout NativeReader
  ) throws(ClickHouseError) -> NativeColumn {
    try decodePrefix(type, from: &reader)
    return try decodeBody(type, rows: rows, from: &reader)
  }

  private static func decodePrefix(_ type: NativeType, from reader: inout NativeReader) throws(ClickHouseError) {
    switch type {
    case .lowCardinality:
      let version = try reader.word("version of a LowCardinality column")
      guard version == LowCardinality.version else {
        throw .protocolViolation("a LowCardinality column is serialized in the unknown version \(version)")
      }
    case .array(let inner), .nullable(let inner): try decodePrefix(inner, from: &reader)
    default: break
    }
  }

  static func decodeBody(
    _ type: NativeType, rows: Int, from reader: inout NativeReader
  ) throws(ClickHouseError) -> NativeColumn {
    switch type {
    case .string: return .string(try NativeStrings(decoding: rows, from: &reader))
    case .fixedString(let width):
      let (size, overflow) = rows.multipliedReportingOverflow(by: width)
      guard !overflow else { throw reader.truncated("FixedString values") }
      return .fixedString([UInt8](try reader.take(size, of: "FixedString values")), width: width)
    case .lowCardinality(let inner): return try LowCardinality.decode(inner, rows: rows, from: &reader)
    case .nullable(let inner):
      let isNull = try decodeBools(rows, "NULL map", from: &reader)
      return .nullable(isNull: isNull, values: try decodeBody(inner, rows: rows, from: &reader))
    case .array(let inner):
      let ends: [UInt64] = try reader.array(rows, of: "offsets of an Array column")
      var last: UInt64 = 0
      for end in ends {
        guard end >= last else { throw .protocolViolation("the offsets of an Array column do not ascend") }
        last = end
      }
      guard let count = Int(exactly: last) else { throw reader.truncated("elements of an Array column") }
      return .array(ends: ends, elements: try decodeBody(inner, rows: count, from: &reader))
    default:
      guard let column = try decodeFixed(type, rows: rows, from: &reader) else {
        throw .protocolViolation("the column type \(type) cannot be read")
      }
      return column
    }
  }

  func encode(to output: inout OutputBuffer) {
    encodePrefix(to: &output)
    encodeBody(to: &output)
  }

  private func encodePrefix(to output: inout OutputBuffer) {
    switch self {
    case .lowCardinality: output.append(LowCardinality.version)
    case .array(_, let inner), .nullable(_, let inner): inner.encodePrefix(to: &output)
    default: break
    }
  }

  func encodeBody(to output: inout OutputBuffer) {
    switch self {
    case .string(let values): values.encode(to: &output)
    case .fixedString(let bytes, let width):
      precondition(bytes.count % width == 0, "FixedString(\(width)) values must have \(width) bytes each")
      bytes.withUnsafeBytes { output.append($0) }
    case .lowCardinality(let dictionary, let indices, _):
      LowCardinality.encode(dictionary: dictionary, indices: indices, to: &output)
    case .nullable(let isNull, let values):
      precondition(isNull.count == values.count, "a Nullable column needs as many values as NULL flags")
      isNull.withUnsafeBytes { output.append($0) }
      values.encodeBody(to: &output)
    case .array(let ends, let elements):
      precondition(Int(ends.last ?? 0) == elements.count, "the last array must end with the elements")
      ends.withUnsafeBytes { output.append($0) }
      elements.encodeBody(to: &output)
    default:
      let isFixed = encodeFixed(to: &output)
      precondition(isFixed)
    }
  }
}
