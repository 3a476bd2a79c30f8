/// A value for a `{name:Type}` placeholder of a query. It travels beside the query text, so it cannot change the query.
package protocol ClickHouseParameter: Sendable {
  /// The value as ClickHouse reads it at top level (its `Escaped` text form).
  var parameterText: String { get }
  /// The value as ClickHouse reads it as an element of an array (its `Quoted` text form).
  var quotedParameterText: String { get }
}

extension ClickHouseParameter {
  package var quotedParameterText: String { parameterText }
}

extension String: ClickHouseParameter {
  /// Also for numbers, dates and UUIDs written as text: they contain nothing to escape.
  package var parameterText: String { SQLText.escaped(self, quote: nil) }
  package var quotedParameterText: String { SQLText.literal(self) }
}

extension BinaryInteger where Self: Sendable {
  package var parameterText: String { String(self) }
}
extension Int: ClickHouseParameter {}
extension Int32: ClickHouseParameter {}
extension Int64: ClickHouseParameter {}
extension UInt8: ClickHouseParameter {}
extension UInt16: ClickHouseParameter {}
extension UInt32: ClickHouseParameter {}
extension UInt64: ClickHouseParameter {}

extension Double: ClickHouseParameter {
  package var parameterText: String { description }
}

extension Bool: ClickHouseParameter {
  package var parameterText: String { self ? "true" : "false" }
}

extension Optional: ClickHouseParameter where Wrapped: ClickHouseParameter {
  package var parameterText: String { map(\.parameterText) ?? "\\N" }
  package var quotedParameterText: String { map(\.quotedParameterText) ?? "NULL" }
}

extension Array: ClickHouseParameter where Element: ClickHouseParameter {
  package var parameterText: String { "[" + map(\.quotedParameterText).joined(separator: ",") + "]" }
}
