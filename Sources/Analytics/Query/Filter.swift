import EventSchema

/// Which events a query is about.
package indirect enum Filter: Sendable, Equatable {
  package enum Comparison: String, Sendable, CaseIterable {
    case gt, gte, lt, lte
  }

  /// The property has one of the values.
  case isAny(QueryField, [FilterValue])
  /// The property is there and compares so.
  case compares(QueryField, Comparison, FilterValue)
  case and([Filter])
  case or([Filter])
  case not(Filter)
  /// The event's user has, or has not, an event in the date range that the inner filter accepts.
  case userHas(done: Bool, Filter)

  /// Every property of the event itself that is asked for.
  var fields: Set<QueryField> {
    switch self {
    case .isAny(let field, _), .compares(let field, _, _): [field]
    case .and(let all), .or(let all): all.reduce(into: []) { $0.formUnion($1.fields) }
    case .not(let inner): inner.fields
    case .userHas: [.userID]
    }
  }

  /// The only event types the filter can accept, when what it names says so; nil when any may pass.
  var carriers: Set<EventType>? {
    switch self {
    case .isAny(let field, _), .compares(let field, _, _): field.isOnEveryEvent ? nil : Set(field.carriers)
    case .userHas: Set(QueryField.userID.carriers)
    case .and(let all): all.compactMap(\.carriers).reduce(nil) { $0?.intersection($1) ?? $1 }
    case .or, .not: nil
    }
  }
}

package enum FilterValue: Sendable, Equatable {
  case text(String)
  case whole(UInt64)
  case number(Double)
  case flag(Bool)

  /// Whether an event without the property would match too, as its column then holds this value.
  var isColumnDefault: Bool {
    switch self {
    case .text(let text): text.isEmpty
    case .whole(let number): number == 0
    case .number(let number): number == 0
    case .flag(let flag): !flag
    }
  }
}
