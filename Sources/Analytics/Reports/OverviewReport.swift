import CivilTime
import HummingbirdCore
import JSON

/// What a person wants to see first: key numbers, their course over time, the busiest decks and courses.
struct OverviewReport: Sendable {
  enum Panel: String, Sendable, CaseIterable {
    case kpis, series
    case topDecks = "top_decks"
    case topCourses = "top_courses"
  }

  static let names = AnalyticsSchemas.overview.map(\.name)

  private var base: AnalyticsQuery
  private var grain: TimeGrain?
  private var topLimit = 10
  /// The one panel asked for, or nil for all.
  private(set) var panel: Panel?

  /// - Parameter parameters: of the URL; those not among `names`, or given twice, are refused.
  init(_ parameters: FlatDictionary<Substring, Substring>) throws(QueryProblem) {
    try URLParameters.check(parameters, allowed: Self.names)
    func given(_ name: String) -> String? {
      parameters[Substring(name)].flatMap { $0.isEmpty ? nil : String($0) }
    }
    // Read as the members of a query, so that every bound and message is the same.
    var members: [JSONValue.Member] = [.init("metrics", .strings([Metric.activeUsers.rawValue]))]
    let range = given("date_range") ?? DateRange.Period.thirtyDays.rawValue
    members.append(
      .init("date_range", range.contains(",") ? .strings(range.split(separator: ",").map(String.init)) : .string(range))
    )
    if let zone = given("timezone") { members.append(.init("timezone", .string(zone))) }
    if let compare = given("compare") {
      members.append(.init("include", .object([.init("compare", .string(compare))])))
    }
    if let filters = given("filters") {
      guard let value = try? JSONParser.parse(Array(filters.utf8), maximumDepth: QueryLimits.nesting) else {
        throw QueryProblem("malformed_json", "filters", "filters must be JSON, such as [[\"is\",\"deck_id\",[17]]].")
      }
      members.append(.init("filters", value))
    }
    base = try QueryReader.read(.object(members))
    if let name = given("interval") {
      guard let grain = TimeGrain(rawValue: name) else {
        throw .unknown("unknown_interval", "interval", name, allowed: TimeGrain.allCases.map(\.rawValue))
      }
      self.grain = grain
    }
    if let text = given("limit") { topLimit = try QueryReader.whole(.number(text), at: "limit", in: 1...1000) }
    if let name = given("panel") {
      guard let panel = Panel(rawValue: name) else {
        throw .unknown("unknown_panel", "panel", name, allowed: Panel.allCases.map(\.rawValue))
      }
      self.panel = panel
    }
  }

  /// The query a panel shows the answer of.
  /// - Parameter span: what the dates mean now; decides how fine the series is when the caller does not.
  func query(for panel: Panel, span: Span) -> AnalyticsQuery {
    var query = base
    switch panel {
    case .kpis:
      query.metrics = [
        .activeUsers, .sessionsStarted, .sessionsFinished, .completionRate, .studySeconds, .avgSessionSeconds,
        .cardsLearned, .answers, .correctRate, .tests, .avgScore, .registrations, .enrollments, .completions,
        .avgProgress, .events,
      ]
    case .series:
      query.metrics = [
        .activeUsers, .sessionsFinished, .completionRate, .studySeconds, .cardsLearned, .answers, .correctRate,
        .registrations, .enrollments,
      ]
      query.dimensions = [.time(grain ?? Self.grain(for: span))]
      query.fill = true
      query.limit = QueryLimits.rows
    case .topDecks:
      query.metrics = [.activeUsers, .sessionsFinished, .completionRate, .cardsLearned, .correctRate]
      query.dimensions = [.field(.deckID)]
      query.limit = topLimit
    case .topCourses:
      query.metrics = [.enrollments, .completions, .unenrollments, .avgProgress]
      query.dimensions = [.field(.courseID)]
      query.limit = topLimit
    }
    return query
  }

  /// Fine enough to see something, coarse enough to see it at a glance.
  private static func grain(for span: Span) -> TimeGrain {
    switch span.lastDate.day - span.firstDate.day {
    case ...1: .hour
    case ...120: .day
    case ...800: .week
    default: .month
    }
  }

  func answer(_ panel: Panel, _ answering: Answering, for scope: RequestScope) async throws -> Answer {
    let span = try await answering.span(of: base, for: scope)
    return try await answering.answer(query(for: panel, span: span), for: scope)
  }

  func answers(_ answering: Answering, for scope: RequestScope) async throws -> [(panel: Panel, answer: Answer)] {
    let span = try await answering.span(of: base, for: scope)
    return try await withThrowingTaskGroup(of: (Panel, Answer).self) { group in
      for panel in Panel.allCases {
        group.addTask { (panel, try await answering.answer(query(for: panel, span: span), for: scope)) }
      }
      let found = try await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
      return Panel.allCases.compactMap { panel in found[panel].map { (panel, $0) } }
    }
  }

  func json(_ answers: [(panel: Panel, answer: Answer)]) -> JSONValue {
    let elapsed = answers.map(\.answer.elapsed).max() ?? .zero
    return .object([
      .init("report", .string("overview")),
      .init("panels", .object(answers.map { .init($0.panel.rawValue, $0.answer.json) })),
      .init(
        "meta",
        .object([
          .init("fresh_to", answers.first?.answer.freshTo.map { .string($0.isoText) } ?? .null),
          .init("rows_read", .integer(answers.reduce(0) { $0 + $1.answer.rowsRead })),
          .init("elapsed_ms", .double((elapsed / .milliseconds(1) * 10).rounded() / 10)),
          .init("warnings", .strings([])),
        ])),
    ])
  }
}
