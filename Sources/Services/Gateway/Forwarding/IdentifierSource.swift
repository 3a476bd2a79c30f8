/// Makes ids that nobody else has, without asking the system for each: xoshiro256**, seeded by the system. They are unique, not
/// secret.
package struct IdentifierSource {
  private var state: (UInt64, UInt64, UInt64, UInt64)

  package init() {
    var random = SystemRandomNumberGenerator()
    state = (random.next(), random.next(), random.next(), random.next() | 1)
  }

  /// 32 hexadecimal digits.
  package mutating func requestID() -> String {
    let (first, second) = (next(), next())
    return String(unsafeUninitializedCapacity: 32) { bytes in
      Self.write(first, to: bytes, at: 0)
      Self.write(second, to: bytes, at: 16)
      return 32
    }
  }

  /// A `traceparent` of a trace that begins here, sampled.
  package mutating func traceParent() -> String {
    // No id may be all zeros.
    let (first, second, span) = (next(), next() | 1, next() | 1)
    return String(unsafeUninitializedCapacity: 55) { bytes in
      for (place, byte) in "00-".utf8.enumerated() { bytes[place] = byte }
      Self.write(first, to: bytes, at: 3)
      Self.write(second, to: bytes, at: 19)
      bytes[35] = UInt8(ascii: "-")
      Self.write(span, to: bytes, at: 36)
      for (place, byte) in "-01".utf8.enumerated() { bytes[52 + place] = byte }
      return 55
    }
  }

  private static func write(_ number: UInt64, to bytes: UnsafeMutableBufferPointer<UInt8>, at offset: Int) {
    for place in 0..<16 {
      let digit = UInt8(truncatingIfNeeded: number >> UInt64(60 - 4 * place)) & 15
      bytes[offset + place] = digit < 10 ? 48 + digit : 87 + digit
    }
  }

  private mutating func next() -> UInt64 {
    func rotated(_ value: UInt64, _ count: UInt64) -> UInt64 { value << count | value >> (64 - count) }
    let result = rotated(state.1 &* 5, 7) &* 9
    let shifted = state.1 << 17
    state.2 ^= state.0
    state.3 ^= state.1
    state.1 ^= state.2
    state.0 ^= state.3
    state.2 ^= shifted
    state.3 = rotated(state.3, 45)
    return result
  }
}
