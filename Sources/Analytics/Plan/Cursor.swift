import Foundation
import JSON

/// Where the next page starts: the last row's values in the query's order, tied to the query they came from.
package enum Cursor {
  /// The cursor after a row, to be sent back as `cursor`.
  /// - Parameter values: the row's value for each term of `effectiveOrder`, as ClickHouse wrote it.
  package static func write(values: [JSONValue], query: AnalyticsQuery, span: Span) -> String {
    let text = JSONValue.array([.string(fingerprint(query, span))] + values).text
    return Data(text.utf8).base64EncodedString()
      .replacingOccurrences(of: "+", with: "-").replacingOccurrences(of: "/", with: "_")
      .replacingOccurrences(of: "=", with: "")
  }

  static func read(_ text: String, query: AnalyticsQuery, span: Span) throws(QueryProblem) -> [JSONValue] {
    var base64 = text.replacingOccurrences(of: "-", with: "+").replacingOccurrences(of: "_", with: "/")
    base64 += String(repeating: "=", count: (4 - base64.count % 4) % 4)
    guard let data = Data(base64Encoded: base64), let value = try? JSONParser.parse(Array(data)),
      case .array(let parts) = value, case .string(let mark)? = parts.first
    else { throw .badValue("cursor", "This is not a cursor; take meta.next_cursor of the page before.") }
    guard mark == fingerprint(query, span), parts.count == query.effectiveOrder.count + 1 else {
      throw .badValue(
        "cursor", "This cursor belongs to another query; everything but cursor and limit must stay the same.")
    }
    return Array(parts.dropFirst())
  }

  /// Holds for the rows that come after the place, in the query's order with nulls last.
  static func condition(
    after place: [JSONValue], query: AnalyticsQuery, column: (AnalyticsQuery.Term) -> String,
    _ parameters: inout Parameters
  ) -> String {
    var condition = "0"
    for (order, value) in zip(query.effectiveOrder, place).reversed() {
      let name = column(order.term)
      if value == .null {
        condition = "(isNull(\(name)) AND \(condition))"
        continue
      }
      let bound = parameters.bind(FilterValue.text(text(value)).scalarText, as: type(of: order.term))
      let beyond = "\(name) \(order.descending ? "<" : ">") \(bound)"
      condition = "(\(beyond) OR isNull(\(name)) OR (\(name) = \(bound) AND \(condition)))"
    }
    return condition
  }

  private static func text(_ value: JSONValue) -> String {
    switch value {
    case .string(let text), .number(let text): text
    default: ""
    }
  }

  private static func type(of term: AnalyticsQuery.Term) -> String {
    switch term {
    case .metric(let metric):
      switch metric.measure {
      case .mean, .share: "Float64"
      case .count, .sum, .distinctUsers: "UInt64"
      }
    case .dimension(.time(let grain)): grain == .hour ? "Int64" : "Date"
    case .dimension(.field(let field)): field.clickHouseType
    }
  }

  /// FNV-1a over everything that decides the rows and their order.
  private static func fingerprint(_ query: AnalyticsQuery, _ span: Span) -> String {
    var plain = query
    plain.cursor = nil
    plain.limit = AnalyticsQuery.defaultLimit
    let text = plain.effective(span: span, comparisonSpan: nil).text
    let hash = text.utf8.reduce(0xcbf2_9ce4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
    return String(hash, radix: 36)
  }
}
