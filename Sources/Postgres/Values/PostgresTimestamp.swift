/// A moment as `timestamptz` keeps it, to the microsecond.
package struct PostgresTimestamp: Sendable, Hashable, Comparable {
  /// Since 1970-01-01 UTC.
  package let microseconds: Int64

  /// From 1970 to Postgres's own beginning, 2000-01-01.
  static let epochOffset: Int64 = 946_684_800_000_000

  package init(microseconds: Int64) { self.microseconds = microseconds }

  package init(milliseconds: Int) { microseconds = Int64(milliseconds) * 1000 }

  /// Since 1970-01-01 UTC, rounded down.
  package var milliseconds: Int { Int(microseconds >= 0 ? microseconds / 1000 : (microseconds - 999) / 1000) }

  package static func < (left: PostgresTimestamp, right: PostgresTimestamp) -> Bool {
    left.microseconds < right.microseconds
  }
}
