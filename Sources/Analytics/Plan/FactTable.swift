import EventSchema

/// A table that can answer: the raw events, or a rollup of them.
package struct FactTable: Sendable {
  /// The stretch of UTC one row stands for.
  package enum Grain: Sendable {
    case event, hour, day
  }

  package let name: String
  package let grain: Grain
  /// The event types whose events the table has.
  let types: Set<EventType>
  /// The properties it keeps; the raw table keeps all.
  let columns: Set<EventColumn>
  /// SQL for a measure over the events of some types, or nil when the table cannot say it exactly.
  let expression: @Sendable (Metric.Measure, [EventType]) -> String?

  /// A row's time in UTC, as a DateTime or DateTime64.
  var time: String {
    switch grain {
    case .event: "occurred_at"
    case .hour: "hour"
    case .day: "toDateTime(day, 'UTC')"
    }
  }

  /// Holds for rows within `[from, to)`, in the form the table's index understands.
  func within(from: String, to: String) -> String {
    switch grain {
    case .event: "occurred_at >= \(from) AND occurred_at < \(to)"
    case .hour: "hour >= toDateTime(\(from), 'UTC') AND hour < toDateTime(\(to), 'UTC')"
    case .day: "day >= toDate(\(from), 'UTC') AND day < toDate(\(to), 'UTC')"
    }
  }

  /// Whether the table can split and filter by the property.
  func keeps(_ field: QueryField) -> Bool {
    switch field.origin {
    case .column(let column): columns.contains(column)
    case .hourOfDay: grain != .day
    case .dayOfWeek: true
    }
  }
}
