import NIOHTTP1

/// What the `Connection` fields of a message say: these, and the fields they name, are for the next hop only (RFC 9110, 7.6.1).
package struct ConnectionOptions {
  /// Names of fields, beside `close` and `keep-alive`.
  package private(set) var fields: [Substring] = []

  /// Of a message that has none of them.
  init() {}

  package init(_ headers: HTTPHeaders) {
    for (name, value) in headers where FieldName.equals(name, "connection") {
      if FieldName.isSame(value, "keep-alive") || FieldName.isSame(value, "close") { continue }
      for item in value.split(separator: ",") {
        let option = item.drop { $0 == " " || $0 == "\t" }.prefix { $0 != " " && $0 != "\t" }
        if !option.isEmpty { fields.append(option) }
      }
    }
  }

  package func name(_ field: String) -> Bool { !fields.isEmpty && fields.contains { FieldName.isSame(field, $0) } }
}

/// Fields that are for the next hop, whether `Connection` names them or not.
package enum HopByHop {
  package static func contains(_ name: String) -> Bool {
    switch name.utf8.count {
    case 2: FieldName.equals(name, "te")
    case 7: FieldName.equals(name, "upgrade") || FieldName.equals(name, "trailer")
    case 8: FieldName.equals(name, "trailers")
    case 10: FieldName.equals(name, "connection") || FieldName.equals(name, "keep-alive")
    case 14: FieldName.equals(name, "http2-settings")
    case 16: FieldName.equals(name, "proxy-connection")
    case 17: FieldName.equals(name, "transfer-encoding")
    case 18: FieldName.equals(name, "proxy-authenticate")
    case 19: FieldName.equals(name, "proxy-authorization")
    default: false
    }
  }
}
