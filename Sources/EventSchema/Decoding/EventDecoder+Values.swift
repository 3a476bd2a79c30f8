import CivilTime

/// The usual forms of values, inlined into the pass. Each returns the index it was given when the value has another form.
extension EventDecoder {
  /// A run of digits that is a whole JSON number.
  @inline(__always)
  func readDigits(_ text: UnsafeRawPointer, _ start: Int) -> (value: UInt64, next: Int, isOver: Bool) {
    let first = text.long(start)
    let count = leadingDigits(first)
    if count == 0 || (count > 1 && UInt8(truncatingIfNeeded: first) == 0x30) { return (0, start, false) }
    var value = decimal(first, count: count)
    var index = start &+ count
    var isOver = false
    if count == 8 {
      let second = text.long(index)
      let more = leadingDigits(second)
      if more == 8 {
        value = value &* 100_000_000 &+ decimal(second, count: 8)
        index &+= 8
      }
      while isDigit(text.byte(index)) {
        let (product, first) = value.multipliedReportingOverflow(by: 10)
        let (sum, second) = product.addingReportingOverflow(UInt64(text.byte(index) &- 0x30))
        value = sum
        isOver = isOver || first || second
        index &+= 1
      }
    }
    let byte = text.byte(index)
    return byte == 0x2E || byte | 0x20 == 0x65 ? (0, start, false) : (value, index, isOver)
  }

  /// A number of at most 19 digits without an exponent, exactly rounded.
  @inline(__always)
  func readNumber(_ text: UnsafeRawPointer, _ start: Int) -> (value: Double, next: Int) {
    var index = start
    var digits: UInt64 = 0
    while isDigit(text.byte(index)) {
      digits = digits &* 10 &+ UInt64(text.byte(index) &- 0x30)
      index &+= 1
    }
    let whole = index &- start
    if whole == 0 || (whole > 1 && text.byte(start) == 0x30) { return (0, start) }
    var places = 0
    if text.byte(index) == 0x2E {
      index &+= 1
      let first = index
      while isDigit(text.byte(index)) {
        digits = digits &* 10 &+ UInt64(text.byte(index) &- 0x30)
        index &+= 1
      }
      places = index &- first
      if places == 0 { return (0, start) }
    }
    if text.byte(index) | 0x20 == 0x65 || whole &+ places > 19 { return (0, start) }
    // Clinger: a double divided by an exact power of ten rounds once.
    if digits >> 53 == 0 { return (Double(digits) / powers[places], index) }
    return (NumberText.quotient(digits, places: places), index)
  }

  /// "2026-11-22T10:30:00", then no, or three or more (at most nine) digits of a fraction, then `Z`, `+00:00` or nothing.
  @inline(__always)
  mutating func readTime(_ text: UnsafeRawPointer, _ start: Int) -> (milliseconds: Int64, next: Int) {
    guard text.byte(start) == 0x22 else { return (0, start) }
    let month = text.long(start &+ 1)
    let hours = text.long(start &+ 9)
    let seconds = text.long(start &+ 17)
    // "YYYY-MM-", "DDTHH:MM", ":SS": digits become their values, marks become 0.
    let one = month ^ 0x2D30_302D_3030_3030
    let two = hours ^ 0x3030_3A30_3054_3030
    let three = (seconds ^ 0x0030_303A) & 0x00FF_FFFF
    let digits =
      ((one &+ 0x7676_7676_7676_7676) | one | (two &+ 0x7676_7676_7676_7676) | two | (three &+ 0x0076_7676) | three)
      & highBits
    let marks =
      (one & 0xFF00_00FF_0000_0000) | (two & 0x0000_FF00_00FF_0000) | (three & 0x0000_00FF)
    guard digits | marks == 0 else { return (0, start) }

    var index = start &+ 20
    var millisecond = 0
    if text.byte(index) == 0x2E {
      let fraction = text.long(index &+ 1)
      var count = leadingDigits(fraction)
      if count < 3 { return (0, start) }
      millisecond = Int(truncatingIfNeeded: decimal(fraction, count: 3))
      if count == 8 && isDigit(text.byte(index &+ 9)) { count = 9 }
      index &+= count &+ 1
    }
    if text.half(index) == 0x225A {
      index &+= 2
    } else if text.byte(index) == 0x22 {
      index &+= 1
    } else if text.long(index) & 0x00FF_FFFF_FFFF_FFFF == 0x0022_3030_3A30_302B {
      index &+= 7
    } else {
      return (0, start)
    }

    let day = UInt16(truncatingIfNeeded: hours)
    if month != cachedMonth || day != cachedDay {
      func value(_ word: UInt64, _ byte: UInt64) -> Int { Int(truncatingIfNeeded: (word &>> (8 &* byte)) & 0xFF) }
      let year = value(one, 0) * 1000 + value(one, 1) * 100 + value(one, 2) * 10 + value(one, 3)
      guard
        let date = CivilDate(
          year: year, month: value(one, 5) * 10 + value(one, 6), day: value(two, 0) * 10 + value(two, 1))
      else { return (0, start) }
      cachedMonth = month
      cachedDay = day
      cachedDays = date.day
    }
    // Pairs of digits: each byte becomes ten times itself plus the next.
    let pairs = two &* 10 &+ (two &>> 8)
    let hour = Int(truncatingIfNeeded: (pairs &>> 24) & 0xFF)
    let minute = Int(truncatingIfNeeded: (pairs &>> 48) & 0xFF)
    let second = Int(truncatingIfNeeded: ((three &* 10 &+ (three &>> 8)) &>> 8) & 0xFF)
    guard hour <= 23, minute <= 59, second <= 59 else { return (0, start) }
    return (Int64((((cachedDays &* 24 &+ hour) &* 60 &+ minute) &* 60 &+ second) &* 1000 &+ millisecond), index)
  }

  /// A hyphenated UUID between quotes.
  @inline(__always)
  func readUUID(_ text: UnsafeRawPointer, _ start: Int) -> (high: UInt64, low: UInt64, isGood: Bool) {
    // In steps, so that no read goes past the padding: a `}` fails each.
    guard text.byte(start) == 0x22, text.byte(start &+ 9) == 0x2D, text.byte(start &+ 14) == 0x2D,
      text.byte(start &+ 19) == 0x2D
    else { return (0, 0, false) }
    var wrong: UInt64 = 0
    let one = hexadecimal(text.long(start &+ 1), &wrong)
    let two = hexadecimal(UInt64(text.word(start &+ 10)) | UInt64(text.word(start &+ 15)) &<< 32, &wrong)
    guard wrong == 0, text.byte(start &+ 24) == 0x2D else { return (0, 0, false) }
    let three = hexadecimal(UInt64(text.word(start &+ 20)) | UInt64(text.word(start &+ 25)) &<< 32, &wrong)
    guard wrong == 0 else { return (0, 0, false) }
    let four = hexadecimal(text.long(start &+ 29), &wrong)
    guard wrong == 0, text.byte(start &+ 37) == 0x22 else { return (0, 0, false) }
    return (one &<< 32 | two, three &<< 32 | four, true)
  }

  @inline(__always)
  func storeInteger(
    _ value: UInt64, _ entry: UnsafeMutablePointer<KeyEntry>, _ bases: UnsafeMutablePointer<UnsafeMutableRawPointer>,
    _ row: Int
  ) {
    let base = bases[entry.pointee.column]
    switch entry.pointee.kind {
    case .uint64: base.storeBytes(of: value, toByteOffset: row &* 8, as: UInt64.self)
    case .uint32: base.storeBytes(of: UInt32(truncatingIfNeeded: value), toByteOffset: row &* 4, as: UInt32.self)
    default: base.storeBytes(of: UInt8(truncatingIfNeeded: value), toByteOffset: row, as: UInt8.self)
    }
  }

  /// Whether a time past `latestMs` is wrong: one that is still to come need only be one there is.
  @inline(__always)
  func isTooLate(_ milliseconds: Int64, _ kind: KeyEntry.Kind) -> Bool {
    kind != .dueTime || milliseconds > Self.latestTimeMs
  }

  @inline(never)
  func note(_ reason: Reason, _ entry: UnsafeMutablePointer<KeyEntry>, _ seen: inout UInt32, _ bad: inout UInt32) {
    faults[entry.pointee.slot] = reason
    seen &= ~entry.pointee.bit
    bad |= entry.pointee.bit
  }
}

/// The value of eight hexadecimal digits; sets high bits of `wrong` when they are not.
@inline(__always) private func hexadecimal(_ bytes: UInt64, _ wrong: inout UInt64) -> UInt64 {
  let letters = (bytes &>> 6) & eachByte
  let values = (bytes & 0x0F0F_0F0F_0F0F_0F0F) &+ letters &* 9
  let digit = bytes ^ 0x3030_3030_3030_3030
  let letter = (bytes | 0x2020_2020_2020_2020) ^ 0x6060_6060_6060_6060
  let isDigit = ~((digit &+ 0x7676_7676_7676_7676) | digit)
  let isLetter = ~((letter &+ 0x7979_7979_7979_7979) | letter) & ((letter | highBits) &- eachByte)
  wrong |= (bytes | ~(isDigit | isLetter)) & highBits
  let pairs = (values &<< 4 | values &>> 8) & 0x00FF_00FF_00FF_00FF
  let quads = (pairs | pairs &>> 8) & 0x0000_FFFF_0000_FFFF
  return UInt64(UInt32(truncatingIfNeeded: quads | quads &>> 16).byteSwapped)
}
