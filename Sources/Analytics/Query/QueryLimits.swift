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
  package static let years = 1990...2199
}
