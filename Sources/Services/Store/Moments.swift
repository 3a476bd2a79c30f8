import CivilTime
import Postgres

extension Instant {
  /// To the millisecond.
  package init(_ stored: PostgresTimestamp) { self.init(milliseconds: stored.milliseconds) }
}

extension PostgresValue {
  /// A `timestamptz`.
  package static func moment(_ moment: Instant?) -> PostgresValue {
    .timestamptz(moment.map { PostgresTimestamp(milliseconds: $0.milliseconds) })
  }

  /// The time of a request, in milliseconds since 1970.
  package static func moment(_ milliseconds: Int64) -> PostgresValue {
    .timestamptz(PostgresTimestamp(milliseconds: Int(milliseconds)))
  }
}

extension PostgresRowReader {
  /// A `timestamptz`, to the millisecond.
  package mutating func moment() throws(PostgresError) -> Instant { Instant(try next(PostgresTimestamp.self)) }

  package mutating func momentIfAny() throws(PostgresError) -> Instant? {
    try next(PostgresTimestamp?.self).map { Instant($0) }
  }
}
