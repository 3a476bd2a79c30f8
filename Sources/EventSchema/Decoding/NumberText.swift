/// What the unusual forms of a number say. The text given is known to be one JSON number.
enum NumberText {
  enum Integer {
    case value(UInt64)
    case outOfRange
    case fraction
  }

  /// The whole number a JSON number stands for, exactly: `12`, `12.0`, `1.2e1`, `-0`.
  static func integer(_ number: UnsafeRawBufferPointer) -> Integer {
    let isNegative = number[0] == 0x2D
    // Value = (the digits from first to last non-zero) * 10^scale.
    var scale = 0
    var digitsEnd = number.count
    if let mark = number.firstIndex(where: { $0 | 0x20 == 0x65 }) {
      digitsEnd = mark
      var exponent = 0
      for byte in number[(mark + 1)...] where isDigit(byte) {
        exponent = min(exponent * 10 + Int(byte - 0x30), 1 << 40)
      }
      scale = number[mark + 1] == 0x2D ? -exponent : exponent
    }
    var value: UInt64 = 0
    var isTooLarge = false
    var zeros = 0
    var isFraction = false
    func shift(_ digit: UInt64) {
      let (product, first) = value.multipliedReportingOverflow(by: 10)
      let (sum, second) = product.addingReportingOverflow(digit)
      value = sum
      isTooLarge = isTooLarge || first || second
    }
    for byte in number[..<digitsEnd] {
      if byte == 0x2E { isFraction = true }
      guard isDigit(byte) else { continue }
      if isFraction { scale -= 1 }
      if byte == 0x30 {
        zeros += 1
      } else {
        if value != 0 || isTooLarge { for _ in 0..<zeros where !isTooLarge { shift(0) } }
        zeros = 0
        shift(UInt64(byte - 0x30))
      }
    }
    scale += zeros
    if value == 0 && !isTooLarge { return .value(0) }
    if scale < 0 { return .fraction }
    if isNegative || isTooLarge { return .outOfRange }
    for _ in 0..<min(scale, 20) { shift(0) }
    return isTooLarge ? .outOfRange : .value(value)
  }

  /// The nearest double, or an infinity.
  static func double(_ number: UnsafeRawBufferPointer) -> Double {
    // Every JSON number is a number to the standard library; nil could only mean one too small for it.
    Double(String(decoding: number, as: UTF8.self)) ?? 0
  }

  /// The double nearest to `digits` / 10^`places`, exactly rounded; digits > 0, places 0…27.
  ///
  /// 5^27 < 2^64, so the quotient's first 64 bits and whether anything follows them decide the rounding.
  static func quotient(_ digits: UInt64, places: Int) -> Double {
    var power: UInt64 = 1
    for _ in 0..<places { power &*= 5 }
    let dividend = digits << digits.leadingZeroBitCount
    let divisor = power << power.leadingZeroBitCount
    let isHalved = dividend >= divisor
    let (quotient, remainder) = divisor.dividingFullWidth(
      isHalved ? (dividend >> 1, dividend << 63) : (dividend, 0))
    let exponent = (isHalved ? 1 : 0) - 64 + power.leadingZeroBitCount - digits.leadingZeroBitCount - places
    var mantissa = quotient >> 11
    let rest = quotient & 0x7FF
    if rest > 0x400 || (rest == 0x400 && (remainder != 0 || mantissa & 1 == 1)) { mantissa += 1 }
    return Double(mantissa) * Double(bitPattern: UInt64(1023 + exponent + 11) << 52)
  }
}
