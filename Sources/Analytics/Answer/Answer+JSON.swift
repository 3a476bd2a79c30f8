import CivilTime
import JSON

extension Answer {
  /// The answer as the REST contract shapes it.
  package var json: JSONValue {
    var members: [JSONValue.Member] = [.init("results", .array(rows.map(Self.object)))]
    if let totals {
      members.append(.init("totals", .array(totals.metrics)))
      if let comparison = Self.comparison(totals) { members.append(.init("totals_comparison", comparison)) }
    }
    members.append(.init("meta", .object(meta)))
    members.append(.init("query", effectiveQuery))
    return .object(members)
  }

  package var effectiveQuery: JSONValue { query.effective(span: plan.span, comparisonSpan: plan.comparisonSpan) }

  private var meta: [JSONValue.Member] {
    var meta: [JSONValue.Member] = [
      .init("fresh_to", freshTo.map { .string($0.isoText) } ?? .null),
      .init("rows_read", .integer(rowsRead)),
      .init("elapsed_ms", .double((elapsed / .milliseconds(1) * 10).rounded() / 10)),
      .init("next_cursor", nextCursor.map(JSONValue.string) ?? .null),
      .init("warnings", .strings(plan.warnings)),
    ]
    if let past = plan.comparisonSpan { meta.append(.init("compared_with", AnalyticsQuery.text(past))) }
    return meta
  }

  private static func object(_ row: Row) -> JSONValue {
    var members: [JSONValue.Member] = [
      .init("dimensions", .array(row.dimensions)), .init("metrics", .array(row.metrics)),
    ]
    if let comparison = comparison(row) { members.append(.init("comparison", comparison)) }
    return .object(members)
  }

  private static func comparison(_ row: Row) -> JSONValue? {
    guard let past = row.past, let change = row.change else { return nil }
    return .object([.init("metrics", .array(past)), .init("change", .array(change))])
  }
}
