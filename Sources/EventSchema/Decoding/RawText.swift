/// Loads from a message's text, little-endian words at any alignment. The caller keeps `EventDecoder.padding` readable
/// bytes after the text.
extension UnsafeRawPointer {
  @inline(__always) func byte(_ index: Int) -> UInt8 { load(fromByteOffset: index, as: UInt8.self) }
  @inline(__always) func half(_ index: Int) -> UInt16 {
    UInt16(littleEndian: loadUnaligned(fromByteOffset: index, as: UInt16.self))
  }
  @inline(__always) func word(_ index: Int) -> UInt32 {
    UInt32(littleEndian: loadUnaligned(fromByteOffset: index, as: UInt32.self))
  }
  @inline(__always) func long(_ index: Int) -> UInt64 {
    UInt64(littleEndian: loadUnaligned(fromByteOffset: index, as: UInt64.self))
  }
}

let highBits: UInt64 = 0x8080_8080_8080_8080
let eachByte: UInt64 = 0x0101_0101_0101_0101

@inline(__always) func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 }
@inline(__always) func isDigit(_ byte: UInt8) -> Bool { byte &- 0x30 <= 9 }

/// How many of eight bytes, from the first on, are ASCII digits.
@inline(__always) func leadingDigits(_ bytes: UInt64) -> Int {
  let values = bytes ^ 0x3030_3030_3030_3030
  return (((values &+ 0x7676_7676_7676_7676) | values) & highBits).trailingZeroBitCount &>> 3
}

/// The number written by the first `count` (1 to 8) bytes, all ASCII digits.
@inline(__always) func decimal(_ bytes: UInt64, count: Int) -> UInt64 {
  var value = (bytes ^ 0x3030_3030_3030_3030) &<< UInt64(truncatingIfNeeded: 64 &- 8 &* count)
  value = (value &* 10) &+ (value &>> 8)
  return
    (((value & 0x0000_00FF_0000_00FF) &* 0x000F_4240_0000_0064)
    &+ (((value &>> 16) & 0x0000_00FF_0000_00FF) &* 0x0000_2710_0000_0001)) &>> 32
}

/// The index of the first quote, backslash, control or non-ASCII byte from `start` on; at least `end` when there is none
/// before it.
@inline(__always) func findSpecial(_ text: UnsafeRawPointer, _ start: Int, _ end: Int) -> Int {
  var index = start
  while index < end {
    let bytes = text.long(index)
    let low = bytes & ~highBits
    // Each term has a byte's high bit clear exactly where the byte is: a quote, a backslash, below 0x20.
    let quote = ((low ^ 0x2222_2222_2222_2222) &+ ~highBits)
    let backslash = ((low ^ 0x5C5C_5C5C_5C5C_5C5C) &+ ~highBits)
    let control = low &+ 0x6060_6060_6060_6060
    let found = (~(quote & backslash & control) | bytes) & highBits
    if found != 0 { return index &+ found.trailingZeroBitCount &>> 3 }
    index &+= 8
  }
  return end
}
