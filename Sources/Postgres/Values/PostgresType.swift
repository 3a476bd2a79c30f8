/// The types of Postgres whose binary form this room knows; the raw value is the type's OID.
package enum PostgresType: UInt32, Sendable {
  case bool = 16
  case bytea = 17
  case name = 19
  case int8 = 20
  case int2 = 21
  case int4 = 23
  case text = 25
  case json = 114
  case float4 = 700
  case float8 = 701
  case int4Array = 1007
  case textArray = 1009
  case varcharArray = 1015
  case int8Array = 1016
  case bpchar = 1042
  case varchar = 1043
  case timestamptz = 1184
  case uuid = 2950
  case uuidArray = 2951
  case jsonb = 3802

  /// Of the elements of an array type.
  var element: PostgresType? {
    switch self {
    case .int4Array: .int4
    case .int8Array: .int8
    case .textArray: .text
    case .varcharArray: .varchar
    case .uuidArray: .uuid
    default: nil
    }
  }
}
