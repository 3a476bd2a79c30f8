/// A day of the Gregorian calendar, wherever it is lived.
///
/// Conversions after Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms".
package struct CivilDate: Sendable, Hashable, Comparable, CustomStringConvertible {
  /// Days since 1970-01-01.
  package let day: Int

  package init(day: Int) {
    self.day = day
  }

  /// - Parameter month: 1…12; `dayOfMonth` beyond the month's end is the month's last day.
  package init(year: Int, month: Int, dayOfMonth: Int) {
    let capped = min(dayOfMonth, Self.length(ofMonth: month, year: year))
    let shifted = month <= 2 ? year - 1 : year
    let era = (shifted >= 0 ? shifted : shifted - 399) / 400
    let yearOfEra = shifted - era * 400
    let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + capped - 1
    let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
    day = era * 146_097 + dayOfEra - 719_468
  }

  /// Nil unless that day exists.
  package init?(year: Int, month: Int, day: Int) {
    guard (1...12).contains(month), day >= 1, day <= Self.length(ofMonth: month, year: year) else { return nil }
    self.init(year: year, month: month, dayOfMonth: day)
  }

  /// `2026-11-01`; nil unless that day exists.
  package init?(_ text: some StringProtocol) {
    let parts = text.split(separator: "-", omittingEmptySubsequences: false)
    guard parts.count == 3, parts[0].utf8.count == 4, parts[1].utf8.count == 2, parts[2].utf8.count == 2,
      parts.allSatisfy({ $0.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) } }),
      let year = Int(parts[0]), let month = Int(parts[1]), let dayOfMonth = Int(parts[2]),
      let date = CivilDate(year: year, month: month, day: dayOfMonth)
    else { return nil }
    self = date
  }

  package var components: (year: Int, month: Int, dayOfMonth: Int) {
    let shifted = day + 719_468
    let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
    let dayOfEra = shifted - era * 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let shiftedMonth = (5 * dayOfYear + 2) / 153
    let month = shiftedMonth + (shiftedMonth < 10 ? 3 : -9)
    return (
      yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
    )
  }

  package func adding(days: Int) -> CivilDate { CivilDate(day: day + days) }

  /// The same day of a month that many months on, or that month's last day.
  package func adding(months: Int) -> CivilDate {
    let (year, month, dayOfMonth) = components
    let total = year * 12 + month - 1 + months
    return CivilDate(year: total.floorDivided(by: 12), month: total.floorModulo(12) + 1, dayOfMonth: dayOfMonth)
  }

  /// The Monday on or before.
  package var monday: CivilDate { CivilDate(day: day - (day + 3).floorModulo(7)) }

  package var firstOfMonth: CivilDate {
    let (year, month, _) = components
    return CivilDate(year: year, month: month, dayOfMonth: 1)
  }

  /// Months since January of year 0.
  package var monthIndex: Int {
    let (year, month, _) = components
    return year * 12 + month - 1
  }

  package var description: String {
    let (year, month, dayOfMonth) = components
    return "\(Self.padded(year, 4))-\(Self.padded(month, 2))-\(Self.padded(dayOfMonth, 2))"
  }

  package static func < (left: CivilDate, right: CivilDate) -> Bool { left.day < right.day }

  package static func length(ofMonth month: Int, year: Int) -> Int {
    switch month {
    case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
    case 4, 6, 9, 11: 30
    default: 31
    }
  }

  static func padded(_ number: Int, _ width: Int) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(0, width - digits.count)) + digits
  }
}

extension Int {
  package func floorDivided(by divisor: Int) -> Int {
    let quotient = self / divisor
    return self % divisor < 0 ? quotient - 1 : quotient
  }

  package func floorModulo(_ divisor: Int) -> Int {
    let rest = self % divisor
    return rest < 0 ? rest + divisor : rest
  }
}
