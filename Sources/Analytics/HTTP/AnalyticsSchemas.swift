import HTTPService
import JSON

/// What requests to the service may have and what its answers are. The readers take the names they allow from here.
enum AnalyticsSchemas {
  static let query = ObjectSchema(
    "Query",
    [
      Property(
        "metrics", .array(choice(Metric.allCases.map(\.rawValue)), count: 1...QueryLimits.metrics),
        meaning: "Which numbers."),
      Property(
        "date_range",
        .anything(
          "A period (\(DateRange.Period.allCases.map(\.rawValue).joined(separator: ", "))), or two dates or times.")),
      optional(
        "dimensions", .array(choice(Dimension.all.map(\.name)), count: 0...QueryLimits.dimensions),
        "What rows are split by."),
      optional(
        "filters",
        .array(
          .anything("As [\"is\", \"deck_id\", [17]]; also and, or, not, has_done."), count: 0...QueryLimits.filterNodes),
        "All must hold."),
      optional("timezone", .text(TextSchema(rule: .timeZone)), "Of the days; UTC without it."),
      optional(
        "order_by",
        .array(.array(.text(TextSchema()), count: 2...2), count: 0...QueryLimits.metrics + QueryLimits.dimensions),
        "As [[\"time:day\", \"asc\"]]."),
      optional("include", .object(include), "What comes beside the rows."),
      optional("limit", .integer(1...QueryLimits.rows), "Rows; \(AnalyticsQuery.defaultLimit) without it."),
      optional("cursor", .text(TextSchema(1...QueryLimits.textBytes)), "meta.next_cursor of the page before."),
    ])

  private static let include = ObjectSchema(
    nil,
    [
      optional("totals", .boolean, "A row over all."),
      optional("compare", choice(Comparison.allCases.map(\.rawValue)), "The same before."),
      optional("fill", .boolean, "Rows for periods without events."),
    ])

  /// Of the URL.
  static let format = Property(
    "format", choice(AnswerFormat.allCases.map(\.rawValue)), isRequired: false,
    meaning: "How the answer leaves; without it, Accept decides.")

  static let overview: [Property] = [
    Property(
      "date_range", .text(TextSchema()), isRequired: false,
      fallback: .string(DateRange.Period.thirtyDays.rawValue), meaning: "A period, or two dates with a comma."),
    Property("compare", choice(Comparison.allCases.map(\.rawValue)), isRequired: false, meaning: "The same before."),
    Property(
      "timezone", .text(TextSchema(rule: .timeZone)), isRequired: false, meaning: "Of the days; UTC without it."),
    Property("filters", .text(TextSchema()), isRequired: false, meaning: "JSON, as a query's filters."),
    Property("interval", choice(TimeGrain.allCases.map(\.rawValue)), isRequired: false, meaning: "Of the series."),
    Property("limit", .integer(1...1000), isRequired: false, fallback: .integer(10), meaning: "Rows of the top lists."),
    Property(
      "panel", choice(OverviewReport.Panel.allCases.map(\.rawValue)), isRequired: false, meaning: "One alone."),
    format,
  ]

  static let answer = ValueSchema.object(
    ObjectSchema(
      "Answer",
      [
        Property("results", .array(.object(row), count: 0...QueryLimits.rows)),
        Property("totals", numbers, isRequired: false, meaning: "One for each metric."),
        Property("totals_comparison", .object(comparison), isRequired: false),
        Property("meta", .object(meta)),
        Property("query", .anything("The query as it was understood: sent back it asks the same.")),
      ]))

  private static let numbers = ValueSchema.array(.nullable(.number(nil)), count: 0...Int.max)

  private static let row = ObjectSchema(
    "Row",
    [
      Property("dimensions", .array(.anything("A text or a number."), count: 0...QueryLimits.dimensions)),
      Property("metrics", numbers, meaning: "One for each metric; null where nothing happened."),
      Property("comparison", .object(comparison), isRequired: false),
    ])

  private static let comparison = ObjectSchema(
    "ComparedWith",
    [Property("metrics", numbers), Property("change", numbers, meaning: "Shares: 0.25 for a quarter more.")])

  private static let meta = ObjectSchema(
    "AnswerMeta",
    [
      Property("fresh_to", .nullable(.text(TextSchema())), meaning: "The newest event it could include."),
      Property("rows_read", .integer(0...Int.max)),
      Property("elapsed_ms", .number(0...1e9)),
      Property("next_cursor", .nullable(.text(TextSchema()))),
      Property("warnings", .array(.text(TextSchema()), count: 0...Int.max)),
      Property("compared_with", .anything("Two dates or times."), isRequired: false),
    ])

  private static func choice(_ names: [String]) -> ValueSchema { .text(TextSchema(choices: names)) }

  /// A null counts as absent.
  private static func optional(_ name: String, _ schema: ValueSchema, _ meaning: String) -> Property {
    Property(name, .nullable(schema), isRequired: false, meaning: meaning)
  }
}
