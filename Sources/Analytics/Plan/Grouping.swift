import CivilTime
import EventSchema

/// The innermost SELECT: one span of one table, filtered, grouped by the dimensions, a column a metric.
///
/// Columns are `d0…` for dimensions, `o` for the offset of an hour, `m0…` for metrics.
struct Grouping {
  enum Key {
    /// Buckets as results show them.
    case shown
    /// Buckets as a comparison looks them up.
    case lookedUp
  }

  let query: AnalyticsQuery
  let table: FactTable
  let dimensions: [Dimension]

  /// The event types a row must be of: those a metric is about, that have every property split by, and that the filters
  /// can accept.
  static func types(of query: AnalyticsQuery, dimensions: [Dimension]) -> [EventType] {
    let wanted = Set(query.metrics.flatMap(\.types))
    let carriers = dimensions.compactMap { dimension -> Set<EventType>? in
      guard case .field(let field) = dimension else { return nil }
      return Set(field.carriers)
    }
    let filtered = query.filters.compactMap(\.carriers)
    return EventType.allCases.filter { type in
      wanted.contains(type) && (carriers + filtered).allSatisfy { $0.contains(type) }
    }
  }

  func sql(_ span: Span, key: Key, _ parameters: inout Parameters) -> String {
    let limited = span.limited
    let bounds = FilterSQL.Bounds(
      from: parameters.bind(limited.from), to: parameters.bind(limited.to), clock: LocalClock(limited, &parameters))
    let filters = FilterSQL(table: table, bounds: bounds)
    var columns: [String] = []
    var keys: [String] = []
    for (index, dimension) in dimensions.enumerated() {
      let name = "d\(index)"
      keys.append(name)
      switch dimension {
      case .field(let field): columns.append("\(filters.value(field)) AS \(name)")
      case .time(let grain):
        let buckets = TimeBuckets(grain: grain, span: span)
        let (time, clock) = (table.time, bounds.clock)
        let bucket =
          key == .shown ? buckets.key(of: time, by: clock) : buckets.comparisonKey(of: time, by: clock)
        columns.append("\(bucket) AS \(name)")
        if key == .shown, grain == .hour { columns.append("any(\(clock.offset(of: time))) AS o") }
      }
    }
    for (index, metric) in query.metrics.enumerated() {
      // The planner chose a table that can say.
      columns.append("\(table.expression(metric.measure, metric.types) ?? "NULL") AS m\(index)")
    }
    var conditions = [table.within(from: bounds.from, to: bounds.to)]
    if let types = TypeCondition.sql(Self.types(of: query, dimensions: dimensions)) { conditions.append(types) }
    for filter in query.filters { conditions.append(filters.condition(filter, &parameters)) }
    let grouped = keys.isEmpty ? "" : " GROUP BY \(keys.joined(separator: ", "))"
    return
      "SELECT \(columns.joined(separator: ", ")) FROM \(table.name) WHERE \(conditions.joined(separator: " AND "))\(grouped)"
  }
}
