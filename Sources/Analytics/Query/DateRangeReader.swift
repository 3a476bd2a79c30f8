import CivilTime
import JSON

/// Reads a date range: a named period, or two dates or times.
package enum DateRangeReader {
  package static func read(_ value: JSONValue, at path: String = "date_range") throws(QueryProblem) -> DateRange {
    switch value {
    case .string(let name):
      guard let period = DateRange.Period(rawValue: name) else {
        throw .unknown(
          "unknown_period", path, name,
          allowed: DateRange.Period.allCases.map(\.rawValue) + [
            "a pair of dates such as [\"2026-11-01\", \"2026-11-30\"]"
          ])
      }
      return .period(period)
    case .array(let pair):
      guard pair.count == 2 else { throw .badValue(path, "\(path) must have two dates, not \(pair.count).") }
      return .between(try bound(pair[0], at: "\(path)[0]"), try bound(pair[1], at: "\(path)[1]"))
    default:
      throw .wrongType(path, "a period such as \"30d\" or two dates", value)
    }
  }

  private static func bound(_ value: JSONValue, at path: String) throws(QueryProblem) -> DateRange.Bound {
    let text = try QueryReader.text(value, at: path)
    guard let bound = bound(text) else {
      throw .badValue(
        path,
        "“\(ForeignText.shown(text))” is not a date (2026-11-01) or time (2026-11-01T08:00, 2026-11-01T08:00:00+03:00)."
      )
    }
    let date =
      switch bound {
      case .date(let date), .local(let date, _): date
      case .instant(let instant): Zone.utc.date(at: instant)
      }
    guard QueryLimits.dates.contains(date) else {
      throw .badValue(
        path, "\(path) must be from \(QueryLimits.dates.lowerBound) to \(QueryLimits.dates.upperBound), not \(date).")
    }
    return bound
  }

  private static func bound(_ text: String) -> DateRange.Bound? {
    if let date = CivilDate(text) { return .date(date) }
    let pattern = /(\d{4}-\d\d-\d\d)[Tt ](\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?(?:([Zz])|([+-])(\d\d):(\d\d))?/
    guard let match = text.wholeMatch(of: pattern), let date = CivilDate(match.1), let hour = Int(match.2),
      let minute = Int(match.3), hour < 24, minute < 60, let second = Int(match.4 ?? "0"), second < 60
    else { return nil }
    let fraction = (match.5.map(String.init) ?? "0").padded(toLength: 3)
    let milliseconds = ((hour * 60 + minute) * 60 + second) * 1000 + (Int(fraction) ?? 0)
    if match.6 != nil { return .instant(Instant(milliseconds: date.day * 86_400_000 + milliseconds)) }
    guard let sign = match.7, let hours = match.8.flatMap({ Int($0) }), let minutes = match.9.flatMap({ Int($0) }),
      hours < 24, minutes < 60
    else { return .local(date, milliseconds: milliseconds) }
    let offset = (hours * 60 + minutes) * 60_000 * (sign == "-" ? -1 : 1)
    return .instant(Instant(milliseconds: date.day * 86_400_000 + milliseconds - offset))
  }
}

extension String {
  /// The first `length` characters, with zeros after a shorter text.
  fileprivate func padded(toLength length: Int) -> String {
    String(prefix(length)) + String(repeating: "0", count: max(0, length - count))
  }
}
