/// RFC 3339 times in any of the forms taken.
package enum TimeText {
  /// Milliseconds since 1970 of a time, further digits cut off; nil when it is none.
  ///
  /// Second 60 is taken where a leap second can be, at 23:59:60 UTC on a month's last day, and is the first second of the
  /// next day, as in POSIX.
  package static func milliseconds(_ text: UnsafeRawBufferPointer) -> Int64? {
    guard text.count >= 19 else { return nil }
    func number(_ start: Int, _ count: Int) -> Int? {
      var value = 0
      for byte in text[start..<(start + count)] {
        guard isDigit(byte) else { return nil }
        value = value * 10 + Int(byte - 0x30)
      }
      return value
    }
    guard let year = number(0, 4), text[4] == 0x2D, let month = number(5, 2), text[7] == 0x2D, let day = number(8, 2),
      text[10] | 0x20 == 0x74 || text[10] == 0x20,
      let hour = number(11, 2), text[13] == 0x3A, let minute = number(14, 2), text[16] == 0x3A,
      let second = number(17, 2), hour <= 23, minute <= 59, second <= 60,
      let days = CivilDate(year: year, month: month, day: day)?.day
    else { return nil }

    var index = 19
    var millisecond = 0
    if index < text.count && text[index] == 0x2E {
      let first = index + 1
      index = first
      while index < text.count && isDigit(text[index]) {
        if index < first + 3 { millisecond = millisecond * 10 + Int(text[index] - 0x30) }
        index += 1
      }
      let digits = index - first
      guard (1...9).contains(digits) else { return nil }
      for _ in min(digits, 3)..<3 { millisecond *= 10 }
    }

    var offsetMinutes = 0
    if index < text.count {
      switch text[index] {
      case 0x5A, 0x7A: index += 1
      case 0x2B, 0x2D:
        guard text.count == index + 6, text[index + 3] == 0x3A, let hours = number(index + 1, 2),
          let minutes = number(index + 4, 2), hours <= 23, minutes <= 59
        else { return nil }
        offsetMinutes = (hours * 60 + minutes) * (text[index] == 0x2D ? -1 : 1)
        index += 6
      default: return nil
      }
    }
    guard index == text.count else { return nil }

    let minutes = (days * 24 + hour) * 60 + minute - offsetMinutes
    if second == 60 && !endsMonth(minutes) { return nil }
    return Int64(minutes * 60 + second) * 1000 + Int64(millisecond)
  }

  /// Whether a minute (since 1970) is the last of a month.
  private static func endsMonth(_ minutes: Int) -> Bool {
    let next = minutes + 1
    guard next % 1440 == 0 else { return false }
    let date = CivilDate(day: next / 1440)
    return date == date.firstOfMonth
  }

  private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }
}
