import Foundation

/// A time zone of the IANA database: how its clocks stood at any moment.
package struct Zone: Sendable, Equatable {
  /// As `Europe/Moscow`.
  package let name: String
  private let zone: TimeZone

  package static let utc = Zone("UTC")!

  /// Nil when there is no such zone. Abbreviations and bare offsets are none: they mean different things to different systems.
  package init?(_ name: String) {
    guard name == "UTC" || name.wholeMatch(of: /[A-Za-z]+(?:\/[A-Za-z0-9_+\-]+)+/) != nil,
      let zone = TimeZone(identifier: name)
    else { return nil }
    self.name = name
    self.zone = zone
  }

  package var isUTC: Bool { name == "UTC" || name == "Etc/UTC" }

  /// Seconds ahead of UTC at that moment.
  package func offset(at instant: Instant) -> Int {
    zone.secondsFromGMT(for: Date(timeIntervalSince1970: Double(instant.seconds)))
  }

  package func date(at instant: Instant) -> CivilDate {
    CivilDate(day: (instant.seconds + offset(at: instant)).floorDivided(by: 86400))
  }

  /// The first moment of the day, also where clocks skip or repeat midnight.
  package func start(of date: CivilDate) -> Instant { instant(date, secondOfDay: 0) }

  /// The moment the clocks show that time: the earlier where they show it twice, the first after the gap where never.
  package func instant(_ date: CivilDate, secondOfDay: Int) -> Instant {
    let wall = date.day * 86400 + secondOfDay
    let before = offset(at: Instant(seconds: wall - 86400))
    let after = offset(at: Instant(seconds: wall + 86400))
    let candidates = [before, after].filter { offset(at: Instant(seconds: wall - $0)) == $0 }.map { wall - $0 }
    if let first = candidates.min() { return Instant(seconds: first) }
    // In a gap every clock time before its end stands for the moment of the change.
    return changes(from: Instant(seconds: wall - 86400), to: Instant(seconds: wall + 86400)).first
      ?? Instant(seconds: wall - before)
  }

  /// The moments in `[start, end)` at which the offset changes.
  package func changes(from start: Instant, to end: Instant) -> [Instant] {
    var found: [Instant] = []
    var date = Date(timeIntervalSince1970: Double(start.seconds))
    while let next = zone.nextDaylightSavingTimeTransition(after: date), found.count < 1000 {
      let instant = Instant(seconds: Int(next.timeIntervalSince1970.rounded()))
      guard instant < end, next > date else { break }
      if offset(at: Instant(seconds: instant.seconds - 1)) != offset(at: instant) { found.append(instant) }
      date = next
    }
    return found
  }

  /// Whether every hour of the zone in `[start, end)` is an hour of UTC.
  package func hasWholeHours(from start: Instant, to end: Instant) -> Bool {
    ([start] + changes(from: start, to: end)).allSatisfy {
      offset(at: $0) % 3600 == 0 && ($0 == start || $0.isMultiple(ofSeconds: 3600))
    }
  }
}
