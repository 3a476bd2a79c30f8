/// A moment, in milliseconds since the Unix epoch: the resolution of `occurred_at`.
package struct Instant: Sendable, Hashable, Comparable {
  package let milliseconds: Int

  package init(milliseconds: Int) {
    self.milliseconds = milliseconds
  }

  package init(seconds: Int) {
    milliseconds = seconds * 1000
  }

  /// Whole seconds, rounded down.
  package var seconds: Int { milliseconds.floorDivided(by: 1000) }

  package func isMultiple(ofSeconds seconds: Int) -> Bool { milliseconds.floorModulo(seconds * 1000) == 0 }

  package static func < (left: Instant, right: Instant) -> Bool { left.milliseconds < right.milliseconds }

  package static let millisecondsPerDay = 86_400_000

  package func adding(milliseconds more: Int) -> Instant { Instant(milliseconds: milliseconds + more) }

  /// Negative where `other` is later.
  package func milliseconds(since other: Instant) -> Int { milliseconds - other.milliseconds }

  /// `2026-11-01 00:00:00.000`, in UTC: how ClickHouse reads a DateTime64 parameter.
  package var clickHouseText: String { text(separator: " ") }

  /// `2026-11-01T00:00:00.000Z`, of one length always.
  package var fullISOText: String { text(separator: "T") + "Z" }

  private func text(separator: String) -> String {
    let (date, rest) = (CivilDate(day: seconds.floorDivided(by: 86400)), seconds.floorModulo(86400))
    return "\(date)\(separator)\(Self.clock(rest)).\(CivilDate.padded(milliseconds.floorModulo(1000), 3))"
  }

  /// `2026-11-01T00:00:00Z` in UTC, with milliseconds where there are any.
  package var isoText: String { isoText(offset: 0) }

  /// The same in a local time `offset` seconds ahead of UTC.
  package func isoText(offset: Int) -> String {
    let local = seconds + offset
    let (date, rest) = (CivilDate(day: local.floorDivided(by: 86400)), local.floorModulo(86400))
    let millis = milliseconds.floorModulo(1000)
    let fraction = millis == 0 ? "" : ".\(CivilDate.padded(millis, 3))"
    return "\(date)T\(Self.clock(rest))\(fraction)\(Self.offsetText(offset))"
  }

  static func offsetText(_ offset: Int) -> String {
    if offset == 0 { return "Z" }
    let minutes = abs(offset) / 60
    let sign = offset < 0 ? "-" : "+"
    return "\(sign)\(CivilDate.padded(minutes / 60, 2)):\(CivilDate.padded(minutes % 60, 2))"
  }

  private static func clock(_ secondsOfDay: Int) -> String {
    let parts = [secondsOfDay / 3600, secondsOfDay / 60 % 60, secondsOfDay % 60]
    return parts.map { CivilDate.padded($0, 2) }.joined(separator: ":")
  }
}
