/// A JSON value with its numbers as written, so that a UInt64 keeps every digit.
package indirect enum JSONValue: Sendable, Equatable {
  case null
  case bool(Bool)
  /// The number's own characters.
  case number(String)
  case string(String)
  case array([JSONValue])
  /// Members in the order written; a name occurs once.
  case object([Member])

  package struct Member: Sendable, Equatable {
    package let name: String
    package let value: JSONValue

    package init(_ name: String, _ value: JSONValue) {
      self.name = name
      self.value = value
    }
  }

  /// What kind of value this is, as an error message calls it.
  package var kind: String {
    switch self {
    case .null: "null"
    case .bool: "a boolean"
    case .number: "a number"
    case .string: "a string"
    case .array: "an array"
    case .object: "an object"
    }
  }

  package subscript(_ name: String) -> JSONValue? {
    guard case .object(let members) = self else { return nil }
    return members.first { $0.name == name }?.value
  }
}
