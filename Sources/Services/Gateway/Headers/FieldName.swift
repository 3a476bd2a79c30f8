/// Compares names of header fields as the most lenient of servers would: without regard to case, and `_` for `-`.
enum FieldName {
  @inline(__always)
  private static func folded(_ byte: UInt8) -> UInt8 {
    switch byte {
    case 65...90: byte | 0x20
    case UInt8(ascii: "_"): UInt8(ascii: "-")
    default: byte
    }
  }

  /// - Parameter canonical: in small letters, with `-`.
  @inline(__always)
  static func equals(_ name: String, _ canonical: StaticString) -> Bool {
    name.utf8.count == canonical.utf8CodeUnitCount && hasPrefix(name, canonical)
  }

  static func hasPrefix(_ name: String, _ canonical: StaticString) -> Bool {
    let count = canonical.utf8CodeUnitCount
    guard name.utf8.count >= count else { return false }
    let start = canonical.utf8Start
    var index = 0
    for byte in name.utf8 {
      if index == count { break }
      if folded(byte) != start[index] { return false }
      index += 1
    }
    return true
  }

  /// Without regard to case only, as RFC 9110 has it.
  static func isSame(_ name: String, _ other: some StringProtocol) -> Bool {
    guard name.utf8.count == other.utf8.count else { return false }
    return zip(name.utf8, other.utf8).allSatisfy { first, second in
      first == second || ((65...90).contains(first & ~0x20) && first | 0x20 == second | 0x20)
    }
  }
}
