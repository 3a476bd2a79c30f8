import CivilTime
import Foundation

/// SQL and the values it refers to; a value never becomes part of the text.
package struct Statement: Sendable, Hashable {
  package var sql: String
  /// By name, in the text form ClickHouse reads parameters in.
  package var parameters: [String: String]

  package init(sql: String, parameters: [String: String]) {
    self.sql = sql
    self.parameters = parameters
  }
}

/// Collects values while SQL is written, and names them `p1`, `p2`, ….
package struct Parameters {
  package private(set) var values: [String: String] = [:]

  package init() {}

  /// Keeps the value and gives the reference to write in the SQL: `{p1:UInt64}`.
  mutating func bind(_ value: String, as type: String) -> String {
    let name = "p\(values.count + 1)"
    values[name] = value
    return "{\(name):\(type)}"
  }

  mutating func bind(_ values: [FilterValue], of field: QueryField) -> String {
    bind("[" + values.map(\.elementText).joined(separator: ",") + "]", as: "Array(\(field.clickHouseType))")
  }

  mutating func bind(_ value: FilterValue, of field: QueryField) -> String {
    bind(value.scalarText, as: field.clickHouseType)
  }

  mutating func bind(_ text: String) -> String { bind(FilterValue.text(text).scalarText, as: "String") }

  mutating func bind(_ instant: Instant) -> String { bind(instant.clickHouseText, as: "DateTime64(3, 'UTC')") }

  mutating func bind(_ date: CivilDate) -> String { bind(date.description, as: "Date") }

  mutating func bind(_ number: Int) -> String { bind(String(number), as: "Int64") }
}

extension QueryField {
  /// The type its values travel in.
  var clickHouseType: String {
    switch kind {
    case .text: "String"
    case .identifier, .whole: "UInt64"
    case .number: "Float64"
    case .flag: "Bool"
    }
  }
}

extension FilterValue {
  /// Parameters are read like a field of a TSV row.
  var scalarText: String {
    switch self {
    case .text(let text):
      text.replacingOccurrences(of: "\\", with: "\\\\").replacingOccurrences(of: "\t", with: "\\t")
        .replacingOccurrences(of: "\n", with: "\\n").replacingOccurrences(of: "\r", with: "\\r")
        .replacingOccurrences(of: "\0", with: "\\0")
    default: elementText
    }
  }

  /// The value as an element of an array literal.
  var elementText: String {
    switch self {
    case .text: "'" + scalarText.replacingOccurrences(of: "'", with: "\\'") + "'"
    case .whole(let number): String(number)
    case .number(let number): String(number)
    case .flag(let flag): flag ? "true" : "false"
    }
  }
}
