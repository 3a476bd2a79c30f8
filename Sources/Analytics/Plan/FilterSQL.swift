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
      return values.contains(where: \.isColumnDefault) || isNullable(field) ? guarded(matches, field) : matches
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

  /// An event that lacks the property holds its column's default, which must not pass for a value; nor may a NULL make the
  /// condition neither true nor false.
  private func guarded(_ condition: String, _ field: QueryField) -> String {
    let all = [TypeCondition.sql(field.carriers), isKnown(field), condition].compactMap { $0 }
    return "(\(all.joined(separator: " AND ")))"
  }

  /// Holds where a field that a producer may leave out is told; nil for those of which nobody can say.
  private func isKnown(_ field: QueryField) -> String? {
    switch field.origin {
    case .column(.rating): "rating > 0"
    case .column(let column) where column == .title || column == .timezone: "\(column.name) != ''"
    case .column(let column): isNullable(field) ? "\(column.name) IS NOT NULL" : nil
    case .hourOfDay, .dayOfWeek: nil
    }
  }

  private func isNullable(_ field: QueryField) -> Bool {
    if case .column(let column) = field.origin, case .nullable = column.type.storage { true } else { false }
  }

  private func joined(_ filters: [Filter], _ word: String, _ parameters: inout Parameters) -> String {
    "(" + filters.map { condition($0, &parameters) }.joined(separator: " \(word) ") + ")"
  }
}
