/// CityHash128 of version 1.0.2, the one ClickHouse checks its compressed frames with. Later versions differ.
/// After Google's `city.cc` 1.0.2 (MIT licence).
package enum CityHash128 {
  private static let k0: UInt64 = 0xc3a5_c85c_97cb_3127
  private static let k1: UInt64 = 0xb492_b66f_be98_f273
  private static let k2: UInt64 = 0x9ae1_6a3b_2f90_404f
  private static let k3: UInt64 = 0xc949_d7c7_509e_6557

  package struct Value: Equatable, Sendable {
    package var low: UInt64
    package var high: UInt64
  }

  package static func hash(_ bytes: UnsafeRawBufferPointer) -> Value {
    let count = bytes.count
    guard let start = bytes.baseAddress else { return murmur(UnsafeRawBufferPointer(start: nil, count: 0), k0, k1) }
    if count >= 16 {
      return long(UnsafeRawBufferPointer(rebasing: bytes[16...]), word(start, 0) ^ k3, word(start, 8))
    }
    if count >= 8 {
      let none = UnsafeRawBufferPointer(start: nil, count: 0)
      return long(none, word(start, 0) ^ (UInt64(count) &* k0), word(start, count - 8) ^ k1)
    }
    return long(bytes, k0, k1)
  }

  @inline(__always) private static func word(_ start: UnsafeRawPointer, _ offset: Int) -> UInt64 {
    start.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
  }

  @inline(__always) private static func halfWord(_ start: UnsafeRawPointer, _ offset: Int) -> UInt64 {
    UInt64(start.loadUnaligned(fromByteOffset: offset, as: UInt32.self))
  }

  @inline(__always) private static func rotate(_ value: UInt64, _ bits: UInt64) -> UInt64 {
    (value &>> bits) | (value &<< (64 &- bits))
  }

  @inline(__always) private static func shiftMix(_ value: UInt64) -> UInt64 { value ^ (value &>> 47) }

  @inline(__always) private static func combine(_ low: UInt64, _ high: UInt64) -> UInt64 {
    let multiplier: UInt64 = 0x9ddf_ea08_eb38_2d69
    var a = (low ^ high) &* multiplier
    a ^= a &>> 47
    var b = (high ^ a) &* multiplier
    b ^= b &>> 47
    return b &* multiplier
  }

  private static func upTo16(_ bytes: UnsafeRawBufferPointer) -> UInt64 {
    let count = bytes.count
    guard count > 0, let start = bytes.baseAddress else { return k2 }
    if count > 8 {
      let a = word(start, 0)
      let b = word(start, count - 8)
      return combine(a, rotate(b &+ UInt64(count), UInt64(count))) ^ b
    }
    if count >= 4 {
      return combine(UInt64(count) &+ (halfWord(start, 0) &<< 3), halfWord(start, count - 4))
    }
    let y = UInt64(bytes[0]) &+ (UInt64(bytes[count >> 1]) &<< 8)
    let z = UInt64(count) &+ (UInt64(bytes[count - 1]) &<< 2)
    return shiftMix((y &* k2) ^ (z &* k3)) &* k2
  }

  @inline(__always)
  private static func weak32(
    _ start: UnsafeRawPointer, _ offset: Int, _ a: UInt64, _ b: UInt64
  ) -> (UInt64, UInt64) {
    let w = word(start, offset)
    let x = word(start, offset &+ 8)
    let y = word(start, offset &+ 16)
    let z = word(start, offset &+ 24)
    var a = a &+ w
    var b = rotate(b &+ a &+ z, 21)
    let c = a
    a = a &+ x &+ y
    b = b &+ rotate(a, 44)
    return (a &+ z, b &+ c)
  }

  /// Under 128 bytes.
  private static func murmur(_ bytes: UnsafeRawBufferPointer, _ low: UInt64, _ high: UInt64) -> Value {
    let count = bytes.count
    var a = low
    var b = high
    var c: UInt64
    var d: UInt64
    if count <= 16 {
      a = shiftMix(a &* k1) &* k1
      c = (b &* k1) &+ upTo16(bytes)
      d = shiftMix(a &+ (count >= 8 ? word(bytes.baseAddress!, 0) : c))
    } else {
      let start = bytes.baseAddress!
      c = combine(word(start, count - 8) &+ k1, a)
      d = combine(b &+ UInt64(count), c &+ word(start, count - 16))
      a = a &+ d
      var offset = 0
      var left = count - 16
      repeat {
        a ^= shiftMix(word(start, offset) &* k1) &* k1
        a = a &* k1
        b ^= a
        c ^= shiftMix(word(start, offset + 8) &* k1) &* k1
        c = c &* k1
        d ^= c
        offset += 16
        left -= 16
      } while left > 0
    }
    a = combine(a, c)
    b = combine(d, b)
    return Value(low: a ^ b, high: combine(b, a))
  }

  private static func long(_ bytes: UnsafeRawBufferPointer, _ low: UInt64, _ high: UInt64) -> Value {
    guard bytes.count >= 128, let start = bytes.baseAddress else { return murmur(bytes, low, high) }
    var left = bytes.count
    var offset = 0
    var x = low
    var y = high
    var z = UInt64(left) &* k1
    var v: (UInt64, UInt64)
    var w: (UInt64, UInt64)
    v.0 = (rotate(y ^ k1, 49) &* k1) &+ word(start, 0)
    v.1 = (rotate(v.0, 42) &* k1) &+ word(start, 8)
    w.0 = (rotate(y &+ z, 35) &* k1) &+ x
    w.1 = rotate(x &+ word(start, 88), 53) &* k1
    repeat {
      for _ in 0..<2 {
        x = rotate(x &+ y &+ v.0 &+ word(start, offset &+ 16), 37) &* k1
        y = rotate(y &+ v.1 &+ word(start, offset &+ 48), 42) &* k1
        x ^= w.1
        y ^= v.0
        z = rotate(z ^ w.0, 33)
        v = weak32(start, offset, v.1 &* k1, x &+ w.0)
        w = weak32(start, offset &+ 32, z &+ w.1, y)
        swap(&z, &x)
        offset &+= 64
      }
      left &-= 128
    } while left >= 128
    y = y &+ (rotate(w.0, 37) &* k0) &+ z
    x = x &+ (rotate(v.0 &+ z, 49) &* k0)
    var done = 0
    while done < left {
      done += 32
      let position = offset + left - done
      y = (rotate(y &- x, 42) &* k0) &+ v.1
      w.0 = w.0 &+ word(start, position + 16)
      x = (rotate(x, 49) &* k0) &+ w.0
      w.0 = w.0 &+ v.0
      v = weak32(start, position, v.0, v.1)
    }
    x = combine(x, v.0)
    y = combine(y, w.0)
    return Value(low: combine(x &+ v.1, w.1) &+ y, high: combine(x &+ w.1, y &+ v.1))
  }
}
