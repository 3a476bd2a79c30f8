import CivilTime

/// A stretch of time `[from, to)` seen in one zone.
package struct Span: Sendable, Equatable {
  package let from: Instant
  package let to: Instant
  package let zone: Zone
  /// First and last day, when the span is made of whole days.
  package let days: ClosedRange<CivilDate>?

  package init(days first: CivilDate, through last: CivilDate, in zone: Zone) {
    from = zone.start(of: first)
    to = zone.start(of: last.adding(days: 1))
    self.zone = zone
    days = first...last
  }

  package init(from: Instant, to: Instant, in zone: Zone) {
    self.from = from
    self.to = to
    self.zone = zone
    days = nil
  }

  package var firstDate: CivilDate { zone.date(at: from) }
  package var lastDate: CivilDate { zone.date(at: Instant(milliseconds: to.milliseconds - 1)) }

  /// Whether events can be of all its days.
  package var isWithinLimits: Bool {
    if let days { return QueryLimits.dates.contains(days.lowerBound) && QueryLimits.dates.contains(days.upperBound) }
    return from >= QueryLimits.moments.lowerBound && to <= QueryLimits.moments.upperBound
  }

  /// The moments of it that events can be of: of a span that is not within limits less than all, or none.
  var limited: Span {
    let (lowest, highest) = (QueryLimits.moments.lowerBound, QueryLimits.moments.upperBound)
    return isWithinLimits
      ? self : Span(from: min(max(from, lowest), highest), to: min(max(to, lowest), highest), in: zone)
  }

  /// The span to compare with.
  package func comparison(_ kind: Comparison) -> Span {
    switch (kind, days) {
    case (.previousPeriod, let days?):
      let length = days.upperBound.day - days.lowerBound.day + 1
      return Span(
        days: days.lowerBound.adding(days: -length), through: days.upperBound.adding(days: -length), in: zone)
    case (.previousPeriod, nil):
      return Span(from: Instant(milliseconds: 2 * from.milliseconds - to.milliseconds), to: from, in: zone)
    case (.previousYear, let days?):
      return Span(
        days: days.lowerBound.adding(months: -12), through: days.upperBound.adding(months: -12), in: zone)
    case (.previousYear, nil):
      return Span(from: yearBefore(from), to: yearBefore(to), in: zone)
    }
  }

  private func yearBefore(_ instant: Instant) -> Instant {
    let local = instant.seconds + zone.offset(at: instant)
    let date = CivilDate(day: local.floorDivided(by: 86400)).adding(months: -12)
    let moved = zone.instant(date, secondOfDay: local.floorModulo(86400))
    return Instant(milliseconds: moved.milliseconds + instant.milliseconds.floorModulo(1000))
  }
}

/// What a query's numbers are compared with.
package enum Comparison: String, Sendable, CaseIterable {
  /// As many days (or as long a time) directly before.
  case previousPeriod = "previous_period"
  /// The same dates a year before.
  case previousYear = "previous_year"
}
