import EventSchema

/// What a query's rows are split by.
package enum Dimension: Sendable, Hashable {
  /// Hours, days, weeks from Monday or months of the query's time zone.
  case time(TimeGrain)
  case field(QueryField)

  package var name: String {
    switch self {
    case .time(let grain): "time:\(grain.rawValue)"
    case .field(let field): field.name
    }
  }

  package var grain: TimeGrain? {
    guard case .time(let grain) = self else { return nil }
    return grain
  }

  package static let all: [Dimension] =
    TimeGrain.allCases.map(Dimension.time) + QueryField.all.filter(\.isDimension).map(Dimension.field)

  package init?(name: String) {
    guard let match = Self.all.first(where: { $0.name == name }) else { return nil }
    self = match
  }
}

package enum TimeGrain: String, Sendable, CaseIterable {
  case hour, day, week, month
}
