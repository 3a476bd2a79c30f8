import JSON

extension Answer {
  /// Names of the columns a line has: dimensions, metrics, and `previous_…` metrics when comparing.
  package var columnNames: [String] {
    let metrics = query.metrics.map(\.rawValue)
    let past = plan.comparisonSpan == nil ? [] : metrics.map { "previous_\($0)" }
    return query.dimensions.map(\.name) + metrics + past
  }

  /// One JSON object a row.
  package var ndjson: String {
    let names = columnNames
    return rows.reduce(into: "") { text, row in
      JSONValue.object(zip(names, row.values).map { .init($0, $1) }).write(to: &text)
      text += "\n"
    }
  }

  /// RFC 4180, with a header; null is an empty field.
  package var csv: String {
    let lines = [columnNames.map(Self.field)] + rows.map { $0.values.map(Self.field) }
    return lines.map { $0.joined(separator: ",") + "\r\n" }.joined()
  }

  private static func field(_ value: JSONValue) -> String {
    switch value {
    case .null: ""
    case .string(let text): field(text)
    default: field(value.text)
    }
  }

  private static func field(_ text: String) -> String {
    let plain = text.utf8.allSatisfy { $0 != UInt8(ascii: ",") && $0 != UInt8(ascii: "\"") && $0 != 10 && $0 != 13 }
    return plain ? text : "\"" + text.replacing("\"", with: "\"\"") + "\""
  }
}

extension Answer.Row {
  fileprivate var values: [JSONValue] { dimensions + metrics + (past ?? []) }
}
