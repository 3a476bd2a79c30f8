import CivilTime
import Foundation

/// What a string must look like, beyond its length.
package struct TextRule: Sendable {
  /// For the document: a regular expression of ECMA-262 that holds where the rule does, and for no text with U+0000.
  package let pattern: String?
  /// For the document: a format of JSON Schema, or one that users of the document know by its name.
  package let format: String?
  /// Ends the sentence “title must …”, without a full stop.
  package let demand: String
  let holds: @Sendable (String) -> Bool

  package init(
    pattern: String? = nil, format: String? = nil, demand: String, holds: @escaping @Sendable (String) -> Bool
  ) {
    self.pattern = pattern
    self.format = format
    self.demand = demand
    self.holds = holds
  }

  /// Something else than blanks.
  package static let notBlank = TextRule(
    pattern: "^[^\\u0000]*[^\\s\\u0000][^\\u0000]*$", demand: "must not be blank"
  ) { text in !text.unicodeScalars.allSatisfy(isBlank) }

  /// One `@` with something before it and a domain of letters, digits, hyphens and dots after it. Whether mail arrives is
  /// another question.
  package static let email = TextRule(format: "email", demand: "must be an e-mail address such as anna@example.org") {
    text in
    let parts = text.split(separator: "@", omittingEmptySubsequences: false)
    guard parts.count == 2, (1...64).contains(parts[0].utf8.count), text.utf8.count <= 254 else { return false }
    let local = parts[0].utf8.allSatisfy { byte in
      (0x21...0x7E).contains(byte) && !"\"(),:;<>[\\]".utf8.contains(byte)
    }
    let labels = parts[1].split(separator: ".", omittingEmptySubsequences: false)
    let domain = labels.allSatisfy { label in
      (1...63).contains(label.utf8.count) && label.utf8.allSatisfy(isNameByte) && label.first != "-"
        && label.last != "-"
    }
    let dots = parts[0].first != "." && parts[0].last != "." && !parts[0].contains("..")
    return local && domain && dots && labels.count >= 2
  }

  package static let uuid = TextRule(format: "uuid", demand: "must be a UUID") { UUID(uuidString: $0) != nil }

  /// `2026-11-01`.
  package static let date = TextRule(format: "date", demand: "must be a date such as 2026-11-01") {
    CivilDate($0) != nil
  }

  /// A moment in UTC with milliseconds, as ``JSONOutput`` writes it.
  package static let moment = TextRule(format: "date-time", demand: "must be a time such as 2026-11-01T08:00:00.000Z") {
    text in
    let parts = text.split(separator: "T", omittingEmptySubsequences: false)
    guard parts.count == 2, CivilDate(parts[0]) != nil else { return false }
    return parts[1].wholeMatch(of: /(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d\.\d{3}Z/) != nil
  }

  /// Any RFC 3339 time.
  package static let anyMoment = TextRule(
    format: "date-time", demand: "must be a time such as 2026-11-01T08:00:00Z or 2026-11-01T11:00:00+03:00"
  ) { Instant(rfc3339: $0) != nil }

  /// A name of the IANA database. JSON Schema has no format for it, and a list of the names would be out of date with the next
  /// change of the database, so the document has a format of our own and says in words what it is.
  package static let timeZone = TextRule(
    format: "time-zone", demand: "must be an IANA time zone such as Europe/Moscow"
  ) { Zone($0) != nil }

  /// What `\s` is in ECMA-262.
  private static func isBlank(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0x09...0x0D, 0x20, 0xA0, 0x1680, 0x2000...0x200A, 0x2028, 0x2029, 0x202F, 0x205F, 0x3000, 0xFEFF: true
    default: false
    }
  }

  private static func isNameByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"):
      true
    default: false
    }
  }
}
