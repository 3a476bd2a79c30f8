import EventSchema

extension FactTable {
  /// The raw table: answers everything.
  package static let events = FactTable(
    name: "events", grain: .event, types: Set(EventType.allCases), columns: Set(EventColumn.allCases)
  ) { measure, types in
    let condition = TypeCondition.sql(types) ?? "1"
    switch measure {
    case .count: return "countIf(\(condition))"
    case .distinctUsers: return "uniqExactIf(user_id, \(condition))"
    case .sum(let column): return "sumIf(\(column.name), \(condition))"
    case .mean(let column):
      // A sum of fractions depends on its order in the last digits, so two runs would differ; a sum of decimals does not.
      let value = column.type == .float64 ? "toDecimal128(\(column.name), 15)" : column.name
      return "toFloat64(sumIf(\(value), \(condition))) / nullIf(countIf(\(condition)), 0)"
    case .share(let column):
      return "countIf(\(condition) AND \(column.name)) / nullIf(countIf(\(condition)), 0)"
    }
  }
}

/// SQL that holds for events of some types. The names are the catalogue's own words, not a caller's.
enum TypeCondition {
  /// Nil when every type is meant.
  static func sql(_ types: [EventType]) -> String? {
    if types.count == EventType.allCases.count { return nil }
    if types.isEmpty { return "0" }
    let names = types.map { "'\($0.name)'" }
    return names.count == 1 ? "event_type = \(names[0])" : "event_type IN (\(names.joined(separator: ", ")))"
  }
}
