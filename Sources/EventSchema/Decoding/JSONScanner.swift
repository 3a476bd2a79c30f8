/// RFC 8259, value by value: the road for everything the decoder does not read itself, and for its unusual forms.
///
/// Every function takes the text and its length, reads nothing it trusts past the end, and returns the index after what
/// it read or a packed `TextFault`.
enum JSONScanner {
  /// Checks one value. `depth` is what an object or array starting here would be nested at.
  @inline(never)
  static func skipValue(_ text: UnsafeRawPointer, _ start: Int, _ end: Int, depth: Int) -> Int {
    guard start < end else { return TextFault.malformed.at(start) }
    switch text.byte(start) {
    case 0x22: return skipString(text, start + 1, end)
    case 0x7B: return skipObject(text, start, end, depth: depth)
    case 0x5B: return skipArray(text, start, end, depth: depth)
    case 0x2D, 0x30...0x39: return skipNumber(text, start, end)
    default: return skipLiteral(text, start, end)
    }
  }

  static func skipBlanks(_ text: UnsafeRawPointer, _ start: Int, _ end: Int) -> Int {
    var index = start
    while index < end && isBlank(text.byte(index)) { index &+= 1 }
    return index
  }

  private static func skipObject(_ text: UnsafeRawPointer, _ start: Int, _ end: Int, depth: Int) -> Int {
    if depth > EventDecoder.maxDepth { return TextFault.depth.at(start) }
    var index = skipBlanks(text, start + 1, end)
    if index < end && text.byte(index) == 0x7D { return index + 1 }
    while true {
      guard index < end, text.byte(index) == 0x22 else { return TextFault.malformed.at(index) }
      index = skipString(text, index + 1, end)
      if index < 0 { return index }
      index = skipBlanks(text, index, end)
      guard index < end, text.byte(index) == 0x3A else { return TextFault.malformed.at(index) }
      index = skipValue(text, skipBlanks(text, index + 1, end), end, depth: depth + 1)
      if index < 0 { return index }
      index = skipBlanks(text, index, end)
      guard index < end else { return TextFault.malformed.at(index) }
      switch text.byte(index) {
      case 0x7D: return index + 1
      case 0x2C: index = skipBlanks(text, index + 1, end)
      default: return TextFault.malformed.at(index)
      }
    }
  }

  private static func skipArray(_ text: UnsafeRawPointer, _ start: Int, _ end: Int, depth: Int) -> Int {
    if depth > EventDecoder.maxDepth { return TextFault.depth.at(start) }
    var index = skipBlanks(text, start + 1, end)
    if index < end && text.byte(index) == 0x5D { return index + 1 }
    while true {
      index = skipValue(text, index, end, depth: depth + 1)
      if index < 0 { return index }
      index = skipBlanks(text, index, end)
      guard index < end else { return TextFault.malformed.at(index) }
      switch text.byte(index) {
      case 0x5D: return index + 1
      case 0x2C: index = skipBlanks(text, index + 1, end)
      default: return TextFault.malformed.at(index)
      }
    }
  }

  private static func skipLiteral(_ text: UnsafeRawPointer, _ start: Int, _ end: Int) -> Int {
    func matches(_ literal: StaticString) -> Bool {
      start + literal.utf8CodeUnitCount <= end
        && UnsafeRawBufferPointer(start: text + start, count: literal.utf8CodeUnitCount)
          .elementsEqual(UnsafeRawBufferPointer(start: literal.utf8Start, count: literal.utf8CodeUnitCount))
    }
    if matches("true") || matches("null") { return start + 4 }
    if matches("false") { return start + 5 }
    return (matches("NaN") || matches("Infinity") ? TextFault.nonFinite : .malformed).at(start)
  }

  static func skipNumber(_ text: UnsafeRawPointer, _ start: Int, _ end: Int) -> Int {
    var index = start
    func skipDigits() -> Bool {
      let first = index
      while index < end && isDigit(text.byte(index)) { index &+= 1 }
      return index > first
    }
    if index < end && text.byte(index) == 0x2D { index += 1 }
    let whole = index
    guard skipDigits() else {
      let isInfinity = index > start && index < end && text.byte(index) == 0x49
      return isInfinity && skipLiteral(text, index, end) == TextFault.nonFinite.at(index)
        ? TextFault.nonFinite.at(start) : TextFault.malformed.at(index)
    }
    if text.byte(whole) == 0x30 && index > whole + 1 { return TextFault.malformed.at(whole + 1) }
    if index < end && text.byte(index) == 0x2E {
      index += 1
      guard skipDigits() else { return TextFault.malformed.at(index) }
    }
    if index < end && text.byte(index) | 0x20 == 0x65 {
      index += 1
      if index < end && (text.byte(index) == 0x2B || text.byte(index) == 0x2D) { index += 1 }
      guard skipDigits() else { return TextFault.malformed.at(index) }
    }
    return index
  }

  /// Checks a string from the byte after its opening quote on.
  static func skipString(_ text: UnsafeRawPointer, _ start: Int, _ end: Int) -> Int {
    let index = findSpecial(text, start, end)
    if index < end && text.byte(index) == 0x22 { return index &+ 1 }
    return unescape(text, start, end, into: nil, capacity: 0).next
  }

  /// Reads a string from the byte after its opening quote on, writing at most `capacity` bytes of what it says;
  /// `count` is how many there are.
  @inline(never)
  static func unescape(
    _ text: UnsafeRawPointer, _ start: Int, _ end: Int, into output: UnsafeMutableRawPointer?, capacity: Int
  ) -> (next: Int, count: Int) {
    var index = start
    var count = 0
    func put(_ byte: UInt8) {
      if let output, count < capacity { output.storeBytes(of: byte, toByteOffset: count, as: UInt8.self) }
      count &+= 1
    }
    func put(scalar: UInt32) {
      switch scalar {
      case ..<0x80: put(UInt8(scalar))
      case ..<0x800:
        put(UInt8(0xC0 | scalar >> 6))
        put(UInt8(0x80 | scalar & 0x3F))
      case ..<0x10000:
        put(UInt8(0xE0 | scalar >> 12))
        put(UInt8(0x80 | scalar >> 6 & 0x3F))
        put(UInt8(0x80 | scalar & 0x3F))
      default:
        put(UInt8(0xF0 | scalar >> 18))
        put(UInt8(0x80 | scalar >> 12 & 0x3F))
        put(UInt8(0x80 | scalar >> 6 & 0x3F))
        put(UInt8(0x80 | scalar & 0x3F))
      }
    }
    while index < end {
      let byte = text.byte(index)
      switch byte {
      case 0x22: return (index + 1, count)
      case ..<0x20: return (TextFault.malformed.at(index), 0)
      case 0x5C:
        let (scalar, next) = escape(text, index, end)
        if next < 0 { return (next, 0) }
        put(scalar: scalar)
        index = next
      case ..<0x80:
        put(byte)
        index &+= 1
      default:
        let length = sequenceLength(text, index, end)
        if length == 0 { return (TextFault.utf8.at(index), 0) }
        for offset in 0..<length { put(text.byte(index + offset)) }
        index &+= length
      }
    }
    return (TextFault.malformed.at(end), 0)
  }

  /// One escape, from its backslash on: the scalar it stands for and the index after it.
  private static func escape(_ text: UnsafeRawPointer, _ start: Int, _ end: Int) -> (scalar: UInt32, next: Int) {
    guard start + 1 < end else { return (0, TextFault.malformed.at(end)) }
    switch text.byte(start + 1) {
    case 0x22: return (0x22, start + 2)
    case 0x5C: return (0x5C, start + 2)
    case 0x2F: return (0x2F, start + 2)
    case 0x62: return (0x08, start + 2)
    case 0x66: return (0x0C, start + 2)
    case 0x6E: return (0x0A, start + 2)
    case 0x72: return (0x0D, start + 2)
    case 0x74: return (0x09, start + 2)
    case 0x75:
      guard let unit = hexadecimal(text, start + 2, end) else { return (0, TextFault.malformed.at(start)) }
      if unit < 0xD800 || unit > 0xDFFF { return (unit, start + 6) }
      guard unit < 0xDC00, start + 8 <= end, text.byte(start + 6) == 0x5C, text.byte(start + 7) == 0x75,
        let low = hexadecimal(text, start + 8, end), low >= 0xDC00, low <= 0xDFFF
      else { return (0, TextFault.surrogate.at(start)) }
      return (0x10000 + (unit - 0xD800) << 10 + (low - 0xDC00), start + 12)
    default: return (0, TextFault.malformed.at(start))
    }
  }

  private static func hexadecimal(_ text: UnsafeRawPointer, _ start: Int, _ end: Int) -> UInt32? {
    guard start + 4 <= end else { return nil }
    var value: UInt32 = 0
    for index in start..<(start + 4) {
      guard let digit = hexDigit(text.byte(index)) else { return nil }
      value = value << 4 | UInt32(digit)
    }
    return value
  }

  /// The length of the UTF-8 sequence of a non-ASCII scalar, or 0 when it is not one (Unicode, table 3-7).
  private static func sequenceLength(_ text: UnsafeRawPointer, _ start: Int, _ end: Int) -> Int {
    let first = text.byte(start)
    let length: Int
    var second: ClosedRange<UInt8> = 0x80...0xBF
    switch first {
    case 0xC2...0xDF: length = 2
    case 0xE0...0xEF:
      length = 3
      if first == 0xE0 { second = 0xA0...0xBF }
      if first == 0xED { second = 0x80...0x9F }
    case 0xF0...0xF4:
      length = 4
      if first == 0xF0 { second = 0x90...0xBF }
      if first == 0xF4 { second = 0x80...0x8F }
    default: return 0
    }
    guard start + length <= end, second.contains(text.byte(start + 1)) else { return 0 }
    for offset in 2..<max(length, 2) where text.byte(start + offset) & 0xC0 != 0x80 { return 0 }
    return length
  }
}

/// The value of a hexadecimal digit, or nil.
@inline(__always) func hexDigit(_ byte: UInt8) -> UInt8? {
  switch byte {
  case 0x30...0x39: byte - 0x30
  case 0x41...0x46: byte - 0x37
  case 0x61...0x66: byte - 0x57
  default: nil
  }
}
