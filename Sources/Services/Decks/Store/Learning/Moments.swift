import CivilTime
import Postgres

extension Instant {
  init(_ stored: PostgresTimestamp) { self.init(milliseconds: stored.milliseconds) }
}

extension PostgresValue {
  static func moment(_ moment: Instant?) -> PostgresValue {
    .timestamptz(moment.map { PostgresTimestamp(milliseconds: $0.milliseconds) })
  }
}

extension PostgresRowReader {
  mutating func moment() throws(PostgresError) -> Instant { Instant(try next(PostgresTimestamp.self)) }

  mutating func momentIfAny() throws(PostgresError) -> Instant? {
    try next(PostgresTimestamp?.self).map { Instant($0) }
  }
}
