/// A reply of Redis (RESP2).
package enum RedisValue: Sendable, Equatable {
  case null
  case integer(Int)
  /// A value as it was stored: any bytes.
  case bulk([UInt8])
  /// The server's own word, as `OK`.
  case status(String)
  case array([RedisValue])
  /// Of one command of a pipeline, or within an array.
  indirect case error(RedisServerError)

  package var integer: Int? { if case .integer(let number) = self { number } else { nil } }

  package var bytes: [UInt8]? { if case .bulk(let bytes) = self { bytes } else { nil } }

  /// A bulk that is UTF-8, or a status.
  package var text: String? {
    switch self {
    case .bulk(let bytes): String(validating: bytes, as: UTF8.self)
    case .status(let word): word
    case .null, .integer, .array, .error: nil
    }
  }

  package var elements: [RedisValue]? { if case .array(let values) = self { values } else { nil } }
}
