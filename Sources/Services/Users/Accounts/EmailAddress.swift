/// An e-mail address in the one form it is stored and compared in: lower case, without blanks around it. Every textual form of
/// the value is dots, for an address must not come into a log.
///
/// Accepted: a dot-atom of ASCII, at most 64 bytes, and a host name of at least two labels (an international one as
/// `xn--…`); 254 bytes in all, which is what mail can carry (RFC 5321). Quoted names, comments and addresses of numbers
/// are legal mail and not accepted: who registers with one is no person.
package struct EmailAddress: Sendable, Hashable, CustomStringConvertible, CustomDebugStringConvertible,
  CustomReflectable
{
  package static let longest = 254
  private static let longestLocalPart = 64

  /// To be stored, and to be compared with.
  package let normalised: String

  package init(_ typed: String) throws(EmailObjection) {
    let bytes = Self.trimmed(Array(typed.utf8))
    guard bytes.count <= Self.longest else { throw .tooLong }
    let parts = bytes.split(separator: UInt8(ascii: "@"), omittingEmptySubsequences: false)
    guard parts.count == 2 else { throw .noSingleAt }
    guard Self.isDotAtom(parts[0]) else { throw .badLocalPart }
    guard Self.isHostName(parts[1]) else { throw .badDomain }
    normalised = String(decoding: bytes.map(Self.lowered), as: UTF8.self)
  }

  /// What stands before the @.
  package var localPart: String { String(normalised.prefix { $0 != "@" }) }

  package var description: String { "•••" }
  package var debugDescription: String { "•••" }
  package var customMirror: Mirror { Mirror(self, children: [:]) }

  private static func trimmed(_ bytes: [UInt8]) -> [UInt8] {
    let isBlank = { (byte: UInt8) in byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") }
    return Array(bytes.drop(while: isBlank).reversed().drop(while: isBlank).reversed())
  }

  private static func isDotAtom(_ bytes: ArraySlice<UInt8>) -> Bool {
    let atoms = bytes.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
    return bytes.count <= longestLocalPart
      && atoms.allSatisfy {
        !$0.isEmpty && $0.allSatisfy { isLetterOrDigit($0) || "!#$%&'*+/=?^_`{|}~-".utf8.contains($0) }
      }
  }

  private static func isHostName(_ bytes: ArraySlice<UInt8>) -> Bool {
    let labels = bytes.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
    let hyphen = UInt8(ascii: "-")
    return labels.count >= 2
      && labels.allSatisfy { label in
        (1...63).contains(label.count) && label.first != hyphen && label.last != hyphen
          && label.allSatisfy { isLetterOrDigit($0) || $0 == hyphen }
      }
      // Digits alone would be an address of numbers.
      && labels.last?.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) } == false
  }

  private static func isLetterOrDigit(_ byte: UInt8) -> Bool {
    let lower = lowered(byte)
    return (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(lower)
      || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
  }

  private static func lowered(_ byte: UInt8) -> UInt8 {
    (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) ? byte + 32 : byte
  }
}

/// Why an address is not taken. Nothing of it is in here.
package enum EmailObjection: Error, Sendable, CaseIterable, CustomStringConvertible {
  case tooLong, noSingleAt, badLocalPart, badDomain

  package var description: String {
    switch self {
    case .tooLong: "an e-mail address has at most \(EmailAddress.longest) bytes"
    case .noSingleAt: "an e-mail address has one @"
    case .badLocalPart: "before the @ of an e-mail address are 1 to 64 letters, digits or marks, no two dots together"
    case .badDomain: "after the @ of an e-mail address is a host name, as example.org"
    }
  }
}
