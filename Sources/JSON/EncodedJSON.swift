import Foundation

/// Reports as JSON text, members in the order of their names, so that two outputs can be compared.
package enum EncodedJSON {
  package enum Keys: Sendable {
    /// As the properties are called.
    case camelCase
    case snakeCase
  }

  /// Indented, for a file or a person, without a line feed at its end.
  package static func document(_ value: some Encodable, keys: Keys) throws -> String {
    try text(value, keys, .prettyPrinted)
  }

  /// One line, for NDJSON, without its line feed.
  package static func line(_ value: some Encodable, keys: Keys) throws -> String { try text(value, keys, []) }

  private static func text(
    _ value: some Encodable, _ keys: Keys, _ formatting: JSONEncoder.OutputFormatting
  ) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = formatting.union([.sortedKeys, .withoutEscapingSlashes])
    if case .snakeCase = keys { encoder.keyEncodingStrategy = .convertToSnakeCase }
    return String(decoding: try encoder.encode(value), as: UTF8.self)
  }
}
