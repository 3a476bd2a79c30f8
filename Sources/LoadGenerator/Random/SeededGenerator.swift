/// A small, fast generator whose sequence depends on its seed alone (xoshiro256**, seeded by SplitMix64).
///
/// Source: Blackman and Vigna, "Scrambled linear pseudorandom number generators".
package struct SeededGenerator: RandomNumberGenerator, Sendable {
  private var s0, s1, s2, s3: UInt64

  package init(seed: UInt64) {
    var state = seed
    func next(_ state: inout UInt64) -> UInt64 {
      state &+= 0x9E37_79B9_7F4A_7C15
      return Self.mix(state)
    }
    s0 = next(&state)
    s1 = next(&state)
    s2 = next(&state)
    s3 = next(&state)
  }

  package mutating func next() -> UInt64 {
    let product = s1 &* 5
    let result = (product &<< 7 | product &>> 57) &* 9
    let shifted = s1 &<< 17
    s2 ^= s0
    s3 ^= s1
    s1 ^= s2
    s0 ^= s3
    s2 ^= shifted
    s3 = s3 &<< 45 | s3 &>> 19
    return result
  }

  /// A number from 0 up to and without 1.
  package mutating func unit() -> Double { Double(next() &>> 11) * 0x1p-53 }

  /// True with the given probability.
  package mutating func chance(_ probability: Double) -> Bool { unit() < probability }

  /// A whole number from 0 up to and without `bound`, which is at least 1.
  package mutating func below(_ bound: Int) -> Int {
    Int(truncatingIfNeeded: next().multipliedFullWidth(by: UInt64(bound)).high)
  }

  /// SplitMix64's finalizer: a bijection that spreads every bit.
  package static func mix(_ value: UInt64) -> UInt64 {
    var z = value
    z = (z ^ z &>> 30) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ z &>> 27) &* 0x94D0_49BB_1331_11EB
    return z ^ z &>> 31
  }
}
