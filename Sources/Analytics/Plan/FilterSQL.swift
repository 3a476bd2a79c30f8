import EventSchema

/// Writes filters as conditions on one table's rows.
struct FilterSQL {
  let table: FactTable
  /// References to the span's bounds, and its clock, bound by whoever writes the statement.
  let bounds: Bounds

  struct Bounds {
    let from: String
    let to: String
    let clock: LocalClock
  }

  func condition(_ filter: Filter, _ parameters: inout Parameters) -> String {
    switch filter {
    case .isAny(let field, let values):
      let list = parameters.bind(values, of: field)
      let matches = "\(value(field)) IN \(list)"
      return values.contains(where: \.isColumnDefault) ? guarded(matches, field) : matches
    case .compares(let field, let comparison, let value):
      let sign = [.gt: ">", .gte: ">=", .lt: "<", .lte: "<="][comparison] ?? "="
      return guarded("\(self.value(field)) \(sign) \(parameters.bind(value, of: field))", field)
    case .and(let all): return joined(all, "AND", &parameters)
    case .or(let all): return joined(all, "OR", &parameters)
    case .not(let inner): return "NOT \(condition(inner, &parameters))"
    case .userHas(let done, let inner):
      let raw = FilterSQL(table: .events, bounds: bounds)
      let users = """
        SELECT user_id FROM events WHERE occurred_at >= \(bounds.from) AND occurred_at < \(bounds.to) \
        AND \(Self.hasUser) AND \(raw.condition(inner, &parameters))
        """
      return "(\(Self.hasUser) AND user_id \(done ? "" : "NOT ")IN (\(users)))"
    }
  }

  /// The property in one row, in the query's zone where it depends on it.
  func value(_ field: QueryField) -> String {
    switch field.origin {
    case .column(let column): column.name
    case .hourOfDay: "toHour(\(bounds.clock.local(table.time)))"
    case .dayOfWeek: "toDayOfWeek(\(bounds.clock.local(table.time)))"
    }
  }

  private static let hasUser = TypeCondition.sql(QueryField.userID.carriers) ?? "1"

  /// An event that lacks the property holds its column's default, which must not pass for a value.
  private func guarded(_ condition: String, _ field: QueryField) -> String {
    var present = TypeCondition.sql(field.carriers)
    if case .column(.rating) = field.origin { present = (present.map { "\($0) AND " } ?? "") + "rating > 0" }
    return present.map { "(\($0) AND \(condition))" } ?? "(\(condition))"
  }

  private func joined(_ filters: [Filter], _ word: String, _ parameters: inout Parameters) -> String {
    "(" + filters.map { condition($0, &parameters) }.joined(separator: " \(word) ") + ")"
  }
}
