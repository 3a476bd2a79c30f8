/// A UUID as two words, big end first.
public struct EventID: Sendable, Hashable {
  public var high: UInt64
  public var low: UInt64

  public init(high: UInt64, low: UInt64) {
    self.high = high
    self.low = low
  }

  /// A random UUID, version 4.
  public static func random(using generator: inout some RandomNumberGenerator) -> EventID {
    EventID(
      high: generator.next() & ~0xF000 | 0x4000, low: generator.next() & ~(0b11 &<< 62) | 0b10 &<< 62)
  }

  public static func random() -> EventID {
    var generator = SystemRandomNumberGenerator()
    return random(using: &generator)
  }
}

extension EventID: CustomStringConvertible {
  /// The canonical form, lower case.
  public var description: String {
    let digits = [high, low].map { word in
      let text = String(word, radix: 16)
      return String(repeating: "0", count: 16 - text.count) + text
    }.joined()
    var text = ""
    for (position, digit) in digits.enumerated() {
      if [8, 12, 16, 20].contains(position) { text.append("-") }
      text.append(digit)
    }
    return text
  }
}
