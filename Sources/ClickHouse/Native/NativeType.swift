/// A ClickHouse column type, as far as the shape of its values in a Native block goes. Time zones, enum names and
/// aggregate functions do not change the shape, so they live only in a column's type text.
package indirect enum NativeType: Sendable, Equatable {
  case uint8, uint16, uint32, uint64
  case int8, int16, int32, int64
  case float32, float64
  case bool
  case uuid
  /// Days since 1970-01-01, unsigned 16 bits.
  case date
  /// Days since 1970-01-01, signed 32 bits.
  case date32
  /// Seconds since 1970-01-01 UTC, unsigned 32 bits.
  case dateTime
  /// Ticks of 10^-precision seconds since 1970-01-01 UTC, signed 64 bits.
  case dateTime64(precision: Int)
  case string
  /// Exactly so many bytes.
  case fixedString(Int)
  /// A dictionary and an index a row; of `string`, `fixedString`, or `nullable` of these.
  case lowCardinality(NativeType)
  case nullable(NativeType)
  case array(NativeType)

  private static let plain: [String: NativeType] = [
    "UInt8": .uint8, "UInt16": .uint16, "UInt32": .uint32, "UInt64": .uint64, "Int8": .int8, "Int16": .int16,
    "Int32": .int32, "Int64": .int64, "Float32": .float32, "Float64": .float64, "Bool": .bool, "UUID": .uuid,
    "Date": .date, "Date32": .date32, "DateTime": .dateTime, "String": .string,
  ]
  /// Types are parsed recursively; no table needs more.
  private static let depthLimit = 16

  /// Reads a type as ClickHouse writes it, such as `Array(LowCardinality(String))`.
  /// Throws `.protocolViolation` naming the type if it is not understood.
  package init(parsing text: String) throws(ClickHouseError) {
    guard let type = Self.parse(text[...], depth: 0) else {
      throw .protocolViolation(
        "the column type \(text.prefix(200)) is not supported; CAST the column to another type in the query")
    }
    self = type
  }

  private static func parse(_ text: Substring, depth: Int) -> NativeType? {
    if let type = plain[String(text)] { return type }
    guard depth < depthLimit, text.last == ")", let open = text.firstIndex(of: "(") else { return nil }
    let inner = text[text.index(after: open)...].dropLast()
    switch text[..<open] {
    case "Nullable":
      guard let type = parse(inner, depth: depth + 1), type.isAllowedInNullable else { return nil }
      return .nullable(type)
    case "Array": return parse(inner, depth: depth + 1).map { .array($0) }
    case "LowCardinality":
      guard let type = parse(inner, depth: depth + 1) else { return nil }
      switch type {
      case .string, .fixedString, .nullable(.string), .nullable(.fixedString): return .lowCardinality(type)
      default: return nil
      }
    case "FixedString": return Int(inner).flatMap { $0 > 0 && $0 <= 1 << 20 ? .fixedString($0) : nil }
    case "DateTime": return .dateTime
    case "DateTime64":
      let digits = inner.prefix { $0 != "," }
      return Int(digits).flatMap { (0...9).contains($0) ? .dateTime64(precision: $0) : nil }
    case "Enum8": return .int8
    case "Enum16": return .int16
    case "SimpleAggregateFunction":
      guard let comma = inner.firstIndex(of: ",") else { return nil }
      return parse(inner[inner.index(after: comma)...].drop { $0 == " " }, depth: depth + 1)
    default: return nil
    }
  }

  private var isAllowedInNullable: Bool {
    switch self {
    case .nullable, .array, .lowCardinality: false
    default: true
    }
  }
}
