import Foundation

/// A parameter of a statement: a value, or NULL, of a definite type. Postgres is told that type, and converts it where SQL
/// would: an int8 into an int4 column, not a text into a date (write `$1::date`).
package struct PostgresValue: Sendable, Equatable {
  enum Content: Sendable, Equatable {
    case null
    case bool(Bool)
    case int2(Int16)
    case int4(Int32)
    case int8(Int64)
    case float8(Double)
    case text(String)
    case uuid(UUID)
    case timestamp(PostgresTimestamp)
    case bytes([UInt8])
    case json(String)
    case int8Array([Int64])
    case textArray([String])
    case uuidArray([UUID])
  }

  package let type: PostgresType
  let content: Content

  private init<Value>(_ type: PostgresType, _ value: Value?, _ content: (Value) -> Content) {
    self.type = type
    self.content = value.map(content) ?? .null
  }

  package static func bool(_ value: Bool?) -> PostgresValue { PostgresValue(.bool, value) { .bool($0) } }
  package static func int2(_ value: Int16?) -> PostgresValue { PostgresValue(.int2, value) { .int2($0) } }
  package static func int4(_ value: Int32?) -> PostgresValue { PostgresValue(.int4, value) { .int4($0) } }
  package static func int8(_ value: Int64?) -> PostgresValue { PostgresValue(.int8, value) { .int8($0) } }
  package static func int8(_ value: Int) -> PostgresValue { .int8(Int64(value)) }
  package static func float8(_ value: Double?) -> PostgresValue { PostgresValue(.float8, value) { .float8($0) } }
  /// Without NUL, which Postgres does not store: the request is refused before anything is sent.
  package static func text(_ value: String?) -> PostgresValue { PostgresValue(.text, value) { .text($0) } }
  package static func uuid(_ value: UUID?) -> PostgresValue { PostgresValue(.uuid, value) { .uuid($0) } }
  package static func timestamptz(_ value: PostgresTimestamp?) -> PostgresValue {
    PostgresValue(.timestamptz, value) { .timestamp($0) }
  }
  package static func bytea(_ value: [UInt8]?) -> PostgresValue { PostgresValue(.bytea, value) { .bytes($0) } }
  /// The text of a JSON document; the server checks it.
  package static func jsonb(_ value: String?) -> PostgresValue { PostgresValue(.jsonb, value) { .json($0) } }
  package static func int8Array(_ value: [Int64]?) -> PostgresValue {
    PostgresValue(.int8Array, value) { .int8Array($0) }
  }
  package static func textArray(_ value: [String]?) -> PostgresValue {
    PostgresValue(.textArray, value) { .textArray($0) }
  }
  package static func uuidArray(_ value: [UUID]?) -> PostgresValue {
    PostgresValue(.uuidArray, value) { .uuidArray($0) }
  }
}
