/// Columns of fixed width: the values one after the other as they lie in memory, so a column is one copy.
extension NativeColumn {
  /// Nil if `type` is not of fixed width.
  static func decodeFixed(
    _ type: NativeType, rows: Int, from reader: inout NativeReader
  ) throws(ClickHouseError) -> NativeColumn? {
    switch type {
    case .uint8: .uint8(try reader.array(rows, of: "UInt8 values"))
    case .uint16: .uint16(try reader.array(rows, of: "UInt16 values"))
    case .uint32: .uint32(try reader.array(rows, of: "UInt32 values"))
    case .uint64: .uint64(try reader.array(rows, of: "UInt64 values"))
    case .int8: .int8(try reader.array(rows, of: "Int8 values"))
    case .int16: .int16(try reader.array(rows, of: "Int16 values"))
    case .int32: .int32(try reader.array(rows, of: "Int32 values"))
    case .int64: .int64(try reader.array(rows, of: "Int64 values"))
    case .float32: .float32(try reader.array(rows, of: "Float32 values"))
    case .float64: .float64(try reader.array(rows, of: "Float64 values"))
    case .bool: .bool(try decodeBools(rows, "Bool values", from: &reader))
    case .uuid: .uuid(try reader.array(rows, of: "UUID values"))
    case .date: .date(try reader.array(rows, of: "Date values"))
    case .date32: .date32(try reader.array(rows, of: "Date32 values"))
    case .dateTime: .dateTime(try reader.array(rows, of: "DateTime values"))
    case .dateTime64(let precision):
      .dateTime64(try reader.array(rows, of: "DateTime64 values"), precision: precision)
    case .string, .fixedString, .lowCardinality, .nullable, .array: nil
    }
  }

  /// A byte a row, 0 or 1; also the NULL map of a Nullable column.
  static func decodeBools(
    _ rows: Int, _ what: String, from reader: inout NativeReader
  ) throws(ClickHouseError) -> [Bool] {
    let bytes = try reader.take(rows, of: what)
    guard !bytes.contains(where: { $0 > 1 }) else {
      throw .protocolViolation("the \(what) in a Native block hold something other than 0 and 1")
    }
    return bytes.map { $0 == 1 }
  }

  /// False if this column is not of fixed width.
  func encodeFixed(to output: inout OutputBuffer) -> Bool {
    switch self {
    case .uint8(let values): values.withUnsafeBytes { output.append($0) }
    case .uint16(let values), .date(let values): values.withUnsafeBytes { output.append($0) }
    case .uint32(let values), .dateTime(let values): values.withUnsafeBytes { output.append($0) }
    case .uint64(let values): values.withUnsafeBytes { output.append($0) }
    case .int8(let values): values.withUnsafeBytes { output.append($0) }
    case .int16(let values): values.withUnsafeBytes { output.append($0) }
    case .int32(let values), .date32(let values): values.withUnsafeBytes { output.append($0) }
    case .int64(let values), .dateTime64(let values, _): values.withUnsafeBytes { output.append($0) }
    case .float32(let values): values.withUnsafeBytes { output.append($0) }
    case .float64(let values): values.withUnsafeBytes { output.append($0) }
    case .bool(let values): values.withUnsafeBytes { output.append($0) }
    case .uuid(let values): values.withUnsafeBytes { output.append($0) }
    case .string, .fixedString, .lowCardinality, .nullable, .array: return false
    }
    return true
  }
}
