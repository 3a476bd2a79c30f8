/// SipHash-2-4 with a 128-bit key, 64-bit result; equal to ClickHouse's `sipHash64Keyed((k0, k1), bytes)`.
///
/// Source: Aumasson and Bernstein, "SipHash: a fast short-input PRF".
public struct SipHash: Sendable, Hashable {
  public let k0: UInt64
  public let k1: UInt64

  public init(k0: UInt64, k1: UInt64) {
    self.k0 = k0
    self.k1 = k1
  }

  /// An arbitrary key that never changes, for fingerprints.
  static let fixed = SipHash(k0: 0x4B61_7274_6F74_656B, k1: 0x6120_6576_656E_7473)

  public func hash(_ bytes: UnsafeRawBufferPointer) -> UInt64 {
    var v0 = k0 ^ 0x736F_6D65_7073_6575
    var v1 = k1 ^ 0x646F_7261_6E64_6F6D
    var v2 = k0 ^ 0x6C79_6765_6E65_7261
    var v3 = k1 ^ 0x7465_6462_7974_6573

    func round() {
      v0 &+= v1
      v1 = v1 &<< 13 | v1 &>> 51
      v1 ^= v0
      v0 = v0 &<< 32 | v0 &>> 32
      v2 &+= v3
      v3 = v3 &<< 16 | v3 &>> 48
      v3 ^= v2
      v0 &+= v3
      v3 = v3 &<< 21 | v3 &>> 43
      v3 ^= v0
      v2 &+= v1
      v1 = v1 &<< 17 | v1 &>> 47
      v1 ^= v2
      v2 = v2 &<< 32 | v2 &>> 32
    }
    func absorb(_ word: UInt64) {
      v3 ^= word
      round()
      round()
      v0 ^= word
    }

    let whole = bytes.count & ~7
    var offset = 0
    while offset < whole {
      absorb(UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self)))
      offset += 8
    }
    var last = UInt64(truncatingIfNeeded: bytes.count) &<< 56
    while offset < bytes.count {
      last |= UInt64(bytes[offset]) &<< UInt64(8 * (offset - whole))
      offset += 1
    }
    absorb(last)
    v2 ^= 0xFF
    for _ in 0..<4 { round() }
    return v0 ^ v1 ^ v2 ^ v3
  }

  public func hash(_ text: String) -> UInt64 {
    var text = text
    return text.withUTF8 { hash(UnsafeRawBufferPointer($0)) }
  }
}
