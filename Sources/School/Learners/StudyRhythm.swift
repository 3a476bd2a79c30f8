import CivilTime
import LoadGenerator

/// When a person studies: on which days, and at what time by his own clocks.
package struct StudyRhythm: Sendable, Equatable {
  package let zone: Zone
  /// By his clocks, in seconds since midnight; from day to day it varies by about 50 minutes.
  package let usualSecond: Int
  /// How likely he studies on a day from Monday to Friday, and at a weekend.
  package let workday: Double
  package let weekend: Double
  /// From the day he joins to the last before he drops out.
  package let active: ClosedRange<CivilDate>
  /// Days off: a holiday, an illness.
  package let pause: ClosedRange<CivilDate>?

  package init(
    zone: Zone, usualSecond: Int, workday: Double, weekend: Double, active: ClosedRange<CivilDate>,
    pause: ClosedRange<CivilDate>? = nil
  ) {
    self.zone = zone
    self.usualSecond = usualSecond
    self.workday = workday
    self.weekend = weekend
    self.active = active
    self.pause = pause
  }

  private static let spreadSeconds = 3000.0
  /// Nobody studies between half past eleven and six.
  private static let awake = 6 * 3600...23 * 3600 + 1800

  /// When he begins to study on a day; nil on a day off. It draws alike often whatever comes of it.
  package func begins(on day: CivilDate, using random: inout SeededGenerator) -> Instant? {
    let (studies, shift) = (random.unit(), random.gaussian())
    guard active.contains(day), pause?.contains(day) != true else { return nil }
    // The day he joins he has a reason to.
    let chance = day == active.lowerBound ? 1 : Self.isWeekend(day) ? weekend : workday
    guard studies < chance else { return nil }
    let second = usualSecond + Int(shift * Self.spreadSeconds)
    return zone.instant(day, secondOfDay: min(max(second, Self.awake.lowerBound), Self.awake.upperBound))
  }

  private static func isWeekend(_ day: CivilDate) -> Bool { day.day - day.monday.day >= 5 }
}
