import EventSchema
import JSON

/// What a query can name, as `GET /meta` tells it.
package enum QueryVocabulary {
  package static let json: JSONValue = .object([
    .init("metrics", .array(Metric.allCases.map(metric))),
    .init("dimensions", .array(Dimension.all.map(dimension))),
    .init("filter_fields", .array(QueryField.all.map(field))),
    .init(
      "operators",
      .strings(["is", "is_not", "gt", "gte", "lt", "lte", "and", "or", "not", "has_done", "has_not_done"])),
    .init("event_types", .strings(EventType.allCases.map(\.name))),
    .init("periods", .strings(DateRange.Period.allCases.map(\.rawValue))),
    .init("comparisons", .strings(Comparison.allCases.map(\.rawValue))),
    .init("formats", .strings(AnswerFormat.allCases.map(\.rawValue))),
    .init("reports", .strings(["overview"])),
    .init(
      "limits",
      .object([
        .init("body_bytes", .integer(QueryLimits.bodyBytes)),
        .init("metrics", .integer(QueryLimits.metrics)),
        .init("dimensions", .integer(QueryLimits.dimensions)),
        .init("filters", .integer(QueryLimits.filterNodes)),
        .init("filter_values", .integer(QueryLimits.filterValues)),
        .init("rows", .integer(QueryLimits.rows)),
        .init("default_rows", .integer(AnalyticsQuery.defaultLimit)),
        .init("filled_periods", .integer(QueryLimits.filledPeriods)),
      ])),
  ])

  private static func metric(_ metric: Metric) -> JSONValue {
    .object([
      .init("name", .string(metric.rawValue)),
      .init("meaning", .string(metric.meaning)),
      .init("unit", .string(metric.unit)),
      .init("empty", metric.isNullWhenEmpty ? .null : .integer(0)),
      .init("event_types", .strings(metric.types.map(\.name))),
    ])
  }

  private static func dimension(_ dimension: Dimension) -> JSONValue {
    var members: [JSONValue.Member] = [.init("name", .string(dimension.name))]
    switch dimension {
    case .time(.hour):
      members.append(.init("type", .string("time")))
    case .time:
      members.append(.init("type", .string("date")))
    case .field(let field):
      members.append(.init("type", .string(type(field))))
      members.append(.init("event_types", .strings(field.carriers.map(\.name))))
    }
    return .object(members)
  }

  private static func field(_ field: QueryField) -> JSONValue {
    let hasOrder = [.identifier, .whole, .number].contains(field.kind)
    return .object([
      .init("name", .string(field.name)),
      .init("type", .string(type(field))),
      .init("operators", .strings(hasOrder ? ["is", "is_not", "gt", "gte", "lt", "lte"] : ["is", "is_not"])),
      .init("event_types", .strings(field.carriers.map(\.name))),
    ])
  }

  private static func type(_ field: QueryField) -> String {
    switch field.kind {
    case .text: "string"
    case .identifier: "id"
    case .whole: "integer"
    case .number: "number"
    case .flag: "boolean"
    }
  }
}
