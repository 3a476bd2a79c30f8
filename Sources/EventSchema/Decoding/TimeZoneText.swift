/// Names of time zones in the form that the IANA database gives them: `Europe/Berlin`, `Etc/GMT+5`, `UTC`.
///
/// Only the form is asked: a zone may be newer than this program, and the same bytes must give the same verdict everywhere.
enum TimeZoneText {
  /// Twice the longest name there is.
  static let maxBytes = 64
  /// The same form for JSON Schema; the length is apart.
  static let pattern = "^[A-Za-z][A-Za-z0-9_+-]*(/[A-Za-z0-9_+-]+)*$"

  /// Parts between slashes, none of them empty, of ASCII letters, digits, `_`, `+` and `-`; a letter comes first.
  static func isName(_ text: UnsafeRawBufferPointer) -> Bool {
    guard (1...maxBytes).contains(text.count), isLetter(text[0]) else { return false }
    var previous: UInt8 = 0
    for byte in text {
      if byte == 0x2F {
        if previous == 0x2F { return false }
      } else if !isLetter(byte) && !isDigit(byte) && byte != 0x5F && byte != 0x2B && byte != 0x2D {
        return false
      }
      previous = byte
    }
    return previous != 0x2F
  }

  private static func isLetter(_ byte: UInt8) -> Bool { (byte | 0x20) &- 0x61 < 26 }
}
