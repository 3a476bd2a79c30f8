import CivilTime

/// The dates a caller asked for, before a time zone and a clock make moments of them.
package enum DateRange: Sendable, Equatable {
  package enum Period: String, Sendable, CaseIterable {
    case today
    case sevenDays = "7d"
    case thirtyDays = "30d"
    case twelveMonths = "12mo"
    case month, year, all
  }

  package enum Bound: Sendable, Equatable {
    case date(CivilDate)
    /// A time without an offset is one of the query's time zone.
    case local(CivilDate, milliseconds: Int)
    case instant(Instant)
  }

  /// Ends with today.
  case period(Period)
  /// Both dates included; a time as second bound is itself excluded.
  case between(Bound, Bound)

  /// The span the range means.
  /// - Parameters:
  ///   - firstEvent: where `all` starts; nil without any event.
  /// - Throws: a problem when the end is not after the start, or the range leaves the days events can be of.
  package func span(in zone: Zone, now: Instant, firstEvent: Instant?) throws(QueryProblem) -> Span {
    let span = try unbounded(in: zone, now: now, firstEvent: firstEvent)
    guard span.isWithinLimits else {
      throw .badValue(
        "date_range",
        "The range (\(span.firstDate) to \(span.lastDate)) must be from \(QueryLimits.dates.lowerBound) to \(QueryLimits.dates.upperBound)."
      )
    }
    return span
  }

  private func unbounded(in zone: Zone, now: Instant, firstEvent: Instant?) throws(QueryProblem) -> Span {
    switch self {
    case .period(let period):
      let today = zone.date(at: now)
      let first =
        switch period {
        case .today: today
        case .sevenDays: today.adding(days: -6)
        case .thirtyDays: today.adding(days: -29)
        case .twelveMonths: today.firstOfMonth.adding(months: -11)
        case .month: today.firstOfMonth
        case .year: CivilDate(year: today.components.year, month: 1, dayOfMonth: 1)
        case .all: min(max(firstEvent.map(zone.date(at:)) ?? today, QueryLimits.dates.lowerBound), today)
        }
      return Span(days: first, through: today, in: zone)
    case .between(let first, let last):
      if case .date(let start) = first, case .date(let end) = last {
        guard start <= end else {
          throw .badValue("date_range", "The range ends (\(end)) before it starts (\(start)).")
        }
        return Span(days: start, through: end, in: zone)
      }
      let start = Self.instant(first, zone, isEnd: false)
      let end = Self.instant(last, zone, isEnd: true)
      guard start < end else { throw .badValue("date_range", "The range ends before, or when, it starts.") }
      return Span(from: start, to: end, in: zone)
    }
  }

  private static func instant(_ bound: Bound, _ zone: Zone, isEnd: Bool) -> Instant {
    switch bound {
    case .date(let date): zone.start(of: isEnd ? date.adding(days: 1) : date)
    case .local(let date, let milliseconds):
      Instant(
        milliseconds: zone.instant(date, secondOfDay: milliseconds / 1000).milliseconds + milliseconds % 1000)
    case .instant(let instant): instant
    }
  }
}
