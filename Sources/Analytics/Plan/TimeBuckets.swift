import CivilTime

/// A time dimension in SQL: how a moment becomes a bucket, all buckets of a span, and the bucket to compare with.
///
/// Days, weeks and months are `Date`s of the zone. An hour is the moment its clock showed :00, as `Int64` seconds,
/// found by the offset in force, so zones off by half an hour and hours that occur twice come out right.
package struct TimeBuckets {
  let grain: TimeGrain
  let span: Span

  package init(grain: TimeGrain, span: Span) {
    self.grain = grain
    self.span = span
  }

  /// The bucket of a moment of the span that the clock is of.
  package func key(of time: String, by clock: LocalClock) -> String {
    switch grain {
    case .hour: "\(clockHour(of: time, by: clock)) * 3600 - \(clock.offset(of: time))"
    case .day: "toDate(\(clock.local(time)))"
    case .week: "toMonday(toDate(\(clock.local(time))))"
    case .month: "toStartOfMonth(toDate(\(clock.local(time))))"
    }
  }

  /// The same, but an hour as its clock shows it, so that both hours of a repeated one fall together.
  func comparisonKey(of time: String, by clock: LocalClock) -> String {
    grain == .hour ? clockHour(of: time, by: clock) : key(of: time, by: clock)
  }

  private func clockHour(of time: String, by clock: LocalClock) -> String {
    "intDiv(\(clock.localSeconds(of: time)), 3600)"
  }

  /// What `comparisonKey` gives in the span compared with, for a bucket of this span.
  func counterpart(of key: String, offset: String, in past: Span, _ kind: Comparison, _ parameters: inout Parameters)
    -> String
  {
    switch grain {
    case .hour:
      let hour = "intDiv(\(key) + \(offset), 3600)"
      if kind == .previousYear {
        return "toInt64(addMonths(toDate32(intDiv(\(hour), 24)), -12)) * 24 + \(hour) % 24"
      }
      let now = span.from.seconds + span.zone.offset(at: span.from)
      let then = past.from.seconds + past.zone.offset(at: past.from)
      return "\(hour) - \(parameters.bind((now - then).floorDivided(by: 3600)))"
    case .day where kind == .previousYear: return "addMonths(\(key), -12)"
    case .day: return "addDays(\(key), -\(parameters.bind(span.firstDate.day - past.firstDate.day)))"
    case .week:
      return "addDays(\(key), -\(parameters.bind(span.firstDate.monday.day - past.firstDate.monday.day)))"
    case .month:
      return "addMonths(\(key), -\(parameters.bind(span.firstDate.monthIndex - past.firstDate.monthIndex)))"
    }
  }

  /// How many buckets the span has; for hours an upper bound.
  var count: Int {
    switch grain {
    case .hour: (span.to.seconds - span.from.seconds) / 3600 + 2
    case .day: span.lastDate.day - span.firstDate.day + 1
    case .week: (span.lastDate.monday.day - span.firstDate.monday.day) / 7 + 1
    case .month: span.lastDate.monthIndex - span.firstDate.monthIndex + 1
    }
  }

  /// A query for every bucket of the span, empty ones too: columns `d` and, for hours, `o`.
  func all(_ parameters: inout Parameters, column: String) -> String {
    switch grain {
    case .day: return dates(from: span.firstDate, "addDays", 1, &parameters, column)
    case .week: return dates(from: span.firstDate.monday, "addDays", 7, &parameters, column)
    case .month: return dates(from: span.firstDate.firstOfMonth, "addMonths", 1, &parameters, column)
    case .hour:
      // Clocks change by quarter hours at least, so one moment in each quarter finds every hour.
      let first = span.from.seconds - span.from.seconds.floorModulo(900)
      let quarters = (span.to.milliseconds - first * 1000 + 899_999) / 900_000
      let clock = LocalClock(span, &parameters)
      let moment = "toDateTime(\(parameters.bind(first)) + 900 * number, 'UTC')"
      return """
        SELECT DISTINCT \(key(of: "moment", by: clock)) AS \(column), \(clock.offset(of: "moment")) AS o FROM \
        (SELECT \(moment) AS moment FROM (SELECT arrayJoin(range(toUInt64(\(parameters.bind(quarters))))) AS number))
        """
    }
  }

  private func dates(
    from first: CivilDate, _ function: String, _ step: Int, _ parameters: inout Parameters, _ column: String
  ) -> String {
    let number = "arrayJoin(range(toUInt64(\(parameters.bind(count)))))"
    return "SELECT \(function)(\(parameters.bind(first)), \(step) * \(number)) AS \(column)"
  }
}
