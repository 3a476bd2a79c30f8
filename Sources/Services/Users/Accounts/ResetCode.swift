import Digests

/// What a manager hands to somebody who has lost his password: 128 random bits, to be typed once.
///
/// Written in Crockford's base 32 (no I, L, O, U), in groups, and read in either case, with or without the hyphens.
package struct ResetCode: Sendable, Equatable, CustomStringConvertible, CustomDebugStringConvertible,
  CustomReflectable
{
  private static let bytesCount = 16
  private static let digits = Array("0123456789ABCDEFGHJKMNPQRSTVWXYZ".utf8)
  /// Of 5 bits each; the last has 3.
  private static let digitsCount = 26

  private let bytes: [UInt8]

  /// A new one.
  package init() { bytes = Sodium.randomBytes(Self.bytesCount) }

  /// One that was typed; nil if it cannot be one.
  package init?(typed: String) {
    guard typed.utf8.count <= 64, typed.utf8.allSatisfy({ $0 < 0x80 }) else { return nil }
    var values: [UInt8] = []
    for character in typed.uppercased().utf8 {
      switch character {
      case UInt8(ascii: "-"), UInt8(ascii: " "): continue
      case UInt8(ascii: "O"): values.append(0)
      case UInt8(ascii: "I"), UInt8(ascii: "L"): values.append(1)
      default:
        guard let value = Self.digits.firstIndex(of: character) else { return nil }
        values.append(UInt8(value))
      }
    }
    guard values.count == Self.digitsCount, let last = values.last, last & 0b11 == 0 else { return nil }
    var (bits, held, bytes) = (UInt32(0), 0, [UInt8]())
    for value in values {
      bits = bits << 5 | UInt32(value)
      held += 5
      guard held >= 8 else { continue }
      held -= 8
      bytes.append(UInt8(truncatingIfNeeded: bits >> UInt32(held)))
    }
    self.bytes = bytes
  }

  /// To be shown to the manager, once.
  package var text: String {
    var (bits, held, characters) = (UInt32(0), 0, [UInt8]())
    for byte in bytes + [0] {
      bits = bits << 8 | UInt32(byte)
      held += 8
      while held >= 5, characters.count < Self.digitsCount {
        held -= 5
        characters.append(Self.digits[Int(bits >> UInt32(held) & 31)])
      }
    }
    return stride(from: 0, to: characters.count, by: 7).map {
      String(decoding: characters[$0..<min($0 + 7, characters.count)], as: UTF8.self)
    }.joined(separator: "-")
  }

  /// SHA-256 of its bits: what is stored. So many random bits need no slow hash.
  var digest: [UInt8] { Digest.sha256.bytes(of: bytes) }

  package var description: String { "•••" }
  package var debugDescription: String { "•••" }
  package var customMirror: Mirror { Mirror(self, children: [:]) }
}
