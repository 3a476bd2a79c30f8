import CivilTime

/// The days of a learner: each from the moment the clocks where he lives show its start, to that of the next day. A learner who
/// studies until two at night still does so on the day before.
package struct LearnerCalendar: Sendable, Equatable {
  package let zone: Zone
  package let dayStartsAt: TimeOfDay

  package init(zone: Zone, dayStartsAt: TimeOfDay) {
    self.zone = zone
    self.dayStartsAt = dayStartsAt
  }

  /// The day's first moment: the earlier where the clocks show its start twice, the end of the gap where never.
  package func start(of day: CivilDate) -> Instant { zone.instant(day, secondOfDay: dayStartsAt.minutes * 60) }

  /// The day whose moments include this one.
  package func day(of moment: Instant) -> CivilDate {
    let shown = moment.seconds + zone.offset(at: moment)
    var day = CivilDate(day: (shown - dayStartsAt.minutes * 60).floorDivided(by: 86_400))
    // Where the clocks show the start twice, the day has begun though they show less once more.
    while start(of: day.adding(days: 1)) <= moment { day = day.adding(days: 1) }
    return day
  }

  /// The moments of the day that this one belongs to.
  package func span(around moment: Instant) -> Range<Instant> {
    let day = day(of: moment)
    return start(of: day)..<start(of: day.adding(days: 1))
  }

  /// Whether `later` is the first day after `earlier` that has any moments: a zone that moves across the date line leaves one
  /// out.
  func isNext(_ later: CivilDate, after earlier: CivilDate) -> Bool {
    switch later.day - earlier.day {
    case 1: true
    case 2: start(of: earlier.adding(days: 1)) == start(of: later)
    default: false
    }
  }
}
