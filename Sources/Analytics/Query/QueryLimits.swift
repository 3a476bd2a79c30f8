import CivilTime

/// Bounds of a query, so that none costs more than it should.
package enum QueryLimits {
  package static let bodyBytes = 64 * 1024
  package static let nesting = 16
  package static let metrics = 24
  package static let dimensions = 4
  package static let filterNodes = 100
  package static let filterValues = 1000
  package static let textBytes = 1024
  package static let rows = 10_000
  /// Rows `fill` may make of time alone.
  package static let filledPeriods = 10_000
  /// The days events can be of (`Catalogue`): within what ClickHouse's `DateTime` holds, which begins anew in 2106.
  package static let dates =
    CivilDate(year: 2000, month: 1, dayOfMonth: 1)...CivilDate(year: 2105, month: 12, dayOfMonth: 31)
  /// The moments of those days, whatever the zone.
  package static let moments =
    Zone.utc.start(of: dates.lowerBound.adding(days: -1))...Zone.utc.start(of: dates.upperBound.adding(days: 2))
}
