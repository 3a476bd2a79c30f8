/// What a query's numbers are compared with.
package enum Comparison: String, Sendable, CaseIterable {
  /// As many days (or as long a time) directly before.
  case previousPeriod = "previous_period"
  /// The same dates a year before.
  case previousYear = "previous_year"
}
