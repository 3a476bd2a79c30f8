import CivilTime
import JSON
import NIOCore

extension JSONOutput {
  package mutating func null() { word("null") }

  package mutating func boolean(_ value: Bool) { word(value ? "true" : "false") }

  package mutating func integer(_ value: some FixedWidthInteger) {
    separate()
    digits(UInt64(value.magnitude), isNegative: value < 0)
  }

  /// The shortest digits that are read as the same number; null for what is not finite, as JSON has no word for it.
  package mutating func number(_ value: Double) {
    guard value.isFinite else { return null() }
    separate()
    if value == value.rounded(), abs(value) < 1e15 {
      digits(UInt64(abs(value)), isNegative: value < 0)
    } else {
      buffer.writeString(value.description)
    }
  }

  package mutating func string(_ text: String) {
    var text = text
    text.withUTF8 { string(utf8: $0) }
  }

  /// A string of bytes that are valid UTF-8, as a database has them.
  package mutating func string(utf8 bytes: UnsafeBufferPointer<UInt8>) {
    separate()
    guard bytes.contains(where: JSONText.mustEscape) else { return plain(bytes) }
    buffer.reserveCapacity(minimumWritableBytes: bytes.count + 2)
    buffer.writeInteger(UInt8(ascii: "\""))
    var start = 0
    for index in 0..<bytes.count where JSONText.mustEscape(bytes[index]) {
      buffer.writeBytes(UnsafeRawBufferPointer(UnsafeBufferPointer(rebasing: bytes[start..<index])))
      buffer.writeString(JSONText.escape(bytes[index]))
      start = index + 1
    }
    buffer.writeBytes(UnsafeRawBufferPointer(UnsafeBufferPointer(rebasing: bytes[start...])))
    buffer.writeInteger(UInt8(ascii: "\""))
  }

  /// A string without escapes, in one go.
  private mutating func plain(_ bytes: UnsafeBufferPointer<UInt8>) {
    let count = bytes.count + 2
    buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: count) { out in
      out[0] = UInt8(ascii: "\"")
      UnsafeMutableRawBufferPointer(rebasing: out[1...]).copyMemory(from: UnsafeRawBufferPointer(bytes))
      out[count - 1] = UInt8(ascii: "\"")
      return count
    }
  }

  /// RFC 3339 in UTC, always with milliseconds: `2026-11-01T00:00:00.000Z`.
  package mutating func moment(_ moment: Instant) {
    let seconds = moment.seconds
    let (year, month, day) = CivilDate(day: seconds.floorDivided(by: 86400)).components
    guard (0...9999).contains(year) else { return string(moment.isoText) }
    separate()
    let (second, milliseconds) = (seconds.floorModulo(86400), moment.milliseconds.floorModulo(1000))
    buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: 26) { out in
      Self.pad(year, 4, at: 1, in: out)
      Self.pad(month, 2, at: 6, in: out)
      Self.pad(day, 2, at: 9, in: out)
      Self.pad(second / 3600, 2, at: 12, in: out)
      Self.pad(second / 60 % 60, 2, at: 15, in: out)
      Self.pad(second % 60, 2, at: 18, in: out)
      Self.pad(milliseconds, 3, at: 21, in: out)
      for (place, byte) in Self.momentMarks { out[place] = byte }
      return 26
    }
  }

  private static let momentMarks: [(Int, UInt8)] = [
    (0, UInt8(ascii: "\"")), (5, UInt8(ascii: "-")), (8, UInt8(ascii: "-")), (11, UInt8(ascii: "T")),
    (14, UInt8(ascii: ":")), (17, UInt8(ascii: ":")), (20, UInt8(ascii: ".")), (24, UInt8(ascii: "Z")),
    (25, UInt8(ascii: "\"")),
  ]

  private static func pad(_ value: Int, _ width: Int, at place: Int, in out: UnsafeMutableRawBufferPointer) {
    var rest = value
    for index in stride(from: place + width - 1, through: place, by: -1) {
      out[index] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10)
      rest /= 10
    }
  }

  private mutating func word(_ word: StaticString) {
    separate()
    buffer.writeStaticString(word)
  }

  private mutating func digits(_ magnitude: UInt64, isNegative: Bool) {
    buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: 20) { out in
      var (rest, count) = (magnitude, isNegative ? 2 : 1)
      while rest >= 10 { (rest, count) = (rest / 10, count + 1) }
      rest = magnitude
      var place = count - 1
      repeat {
        out[place] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10)
        (rest, place) = (rest / 10, place - 1)
      } while rest > 0
      if isNegative { out[0] = UInt8(ascii: "-") }
      return count
    }
  }
}
