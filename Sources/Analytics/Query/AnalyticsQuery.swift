import CivilTime

/// The one general question: which numbers, of which events, split how.
package struct AnalyticsQuery: Sendable, Equatable {
  package enum Term: Sendable, Equatable {
    case metric(Metric)
    case dimension(Dimension)

    package var name: String {
      switch self {
      case .metric(let metric): metric.rawValue
      case .dimension(let dimension): dimension.name
      }
    }
  }

  package struct Order: Sendable, Equatable {
    package let term: Term
    package let descending: Bool

    package init(_ term: Term, descending: Bool) {
      self.term = term
      self.descending = descending
    }
  }

  package var metrics: [Metric]
  package var dateRange: DateRange
  package var dimensions: [Dimension] = []
  package var filters: [Filter] = []
  package var zone: Zone = .utc
  /// As asked; `effectiveOrder` is what holds.
  package var orderBy: [Order] = []
  package var includeTotals = false
  package var comparison: Comparison?
  /// Whether periods without events get rows too.
  package var fill = false
  package var limit = AnalyticsQuery.defaultLimit
  package var cursor: String?

  package static let defaultLimit = 1000

  package init(metrics: [Metric], dateRange: DateRange) {
    self.metrics = metrics
    self.dateRange = dateRange
  }

  package var grain: TimeGrain? { dimensions.lazy.compactMap(\.grain).first }

  /// The order asked for, or time ascending, else the first metric descending; then every dimension, so that no two rows tie.
  package var effectiveOrder: [Order] {
    var order = orderBy
    if order.isEmpty {
      if let time = dimensions.first(where: { $0.grain != nil }) {
        order = [Order(.dimension(time), descending: false)]
      } else if let metric = metrics.first {
        order = [Order(.metric(metric), descending: true)]
      }
    }
    for dimension in dimensions where !order.contains(where: { $0.term == .dimension(dimension) }) {
      order.append(Order(.dimension(dimension), descending: false))
    }
    return order
  }
}
