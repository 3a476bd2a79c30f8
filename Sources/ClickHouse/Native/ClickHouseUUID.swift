/// A UUID as ClickHouse stores it: two little-endian 64-bit halves, the high one first. The memory of an array of these
/// is a column of a Native block.
package struct ClickHouseUUID: Sendable, Hashable, BitwiseCopyable {
  /// The first 16 hexadecimal digits of the text.
  package var high: UInt64
  /// The last 16 hexadecimal digits of the text.
  package var low: UInt64

  package init(high: UInt64, low: UInt64) {
    self.high = high
    self.low = low
  }

  /// Reads `01234567-89ab-cdef-0123-456789abcdef`, in either case; nil for any other form.
  package init?(_ text: String) {
    let groups = text.utf8.split(separator: UInt8(ascii: "-"), omittingEmptySubsequences: false)
    guard groups.map(\.count) == [8, 4, 4, 4, 12] else { return nil }
    var halves: [UInt64] = [0, 0]
    for (position, byte) in groups.joined().enumerated() {
      let digit: UInt8
      switch byte {
      case UInt8(ascii: "0")...UInt8(ascii: "9"): digit = byte - UInt8(ascii: "0")
      case UInt8(ascii: "a")...UInt8(ascii: "f"): digit = byte - UInt8(ascii: "a") + 10
      case UInt8(ascii: "A")...UInt8(ascii: "F"): digit = byte - UInt8(ascii: "A") + 10
      default: return nil
      }
      halves[position / 16] = halves[position / 16] << 4 | UInt64(digit)
    }
    self.init(high: halves[0], low: halves[1])
  }

  /// A random UUID of version 4.
  package static func random() -> ClickHouseUUID {
    ClickHouseUUID(
      high: UInt64.random(in: 0...UInt64.max) & ~0xf000 | 0x4000,
      low: UInt64.random(in: 0...UInt64.max) & ~(3 << 62) | 2 << 62)
  }
}

extension ClickHouseUUID: CustomStringConvertible {
  package var description: String {
    var text = ""
    for (position, shift) in zip(0..., stride(from: 60, through: 0, by: -4)) {
      if position == 8 || position == 12 { text.append("-") }
      text += String(high >> UInt64(shift) & 15, radix: 16)
    }
    for (position, shift) in zip(0..., stride(from: 60, through: 0, by: -4)) {
      if position == 0 || position == 4 { text.append("-") }
      text += String(low >> UInt64(shift) & 15, radix: 16)
    }
    return text
  }
}

extension ClickHouseUUID: ClickHouseParameter {
  package var parameterText: String { description }
  package var quotedParameterText: String { "'\(description)'" }
}
