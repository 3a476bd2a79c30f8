import CivilTime
import JSON

extension AnalyticsQuery {
  /// The query as it was understood, every default filled in, the range as moments: sent back in itself it asks the same.
  package func effective(span: Span, comparisonSpan: Span?) -> JSONValue {
    var include: [JSONValue.Member] = [.init("totals", .bool(includeTotals))]
    include.append(.init("compare", comparison.map { .string($0.rawValue) } ?? .null))
    include.append(.init("fill", .bool(fill)))
    return .object([
      .init("metrics", .strings(metrics.map(\.rawValue))),
      .init("date_range", Self.text(span)),
      .init("dimensions", .strings(dimensions.map(\.name))),
      .init("filters", .array(filters.map(\.json))),
      .init("timezone", .string(zone.name)),
      .init(
        "order_by",
        .array(effectiveOrder.map { .strings([$0.term.name, $0.descending ? "desc" : "asc"]) })),
      .init("include", .object(include)),
      .init("limit", .integer(limit)),
      .init("cursor", cursor.map(JSONValue.string) ?? .null),
    ])
  }

  static func text(_ span: Span) -> JSONValue {
    if let days = span.days { return .strings([days.lowerBound.description, days.upperBound.description]) }
    return .strings([span.from, span.to].map { $0.isoText(offset: span.zone.offset(at: $0)) })
  }
}

extension Filter {
  /// The filter in the form it is written in a query.
  package var json: JSONValue {
    switch self {
    case .isAny(let field, let values):
      .array([.string("is"), .string(field.name), .array(values.map(\.json))])
    case .compares(let field, let comparison, let value):
      .array([.string(comparison.rawValue), .string(field.name), value.json])
    case .and(let all): .array([.string("and"), .array(all.map(\.json))])
    case .or(let all): .array([.string("or"), .array(all.map(\.json))])
    case .not(.isAny(let field, let values)):
      .array([.string("is_not"), .string(field.name), .array(values.map(\.json))])
    case .not(let inner): .array([.string("not"), inner.json])
    case .userHas(let done, let inner): .array([.string(done ? "has_done" : "has_not_done"), inner.json])
    }
  }
}

extension FilterValue {
  var json: JSONValue {
    switch self {
    case .text(let text): .string(text)
    case .whole(let number): .integer(number)
    case .number(let number): .double(number)
    case .flag(let flag): .bool(flag)
    }
  }
}
