import CivilTime

/// What a teacher hands out, and a learner types, to join a course: 8 characters that are not taken for each other.
package struct JoinCode: Sendable, Equatable {
  /// 29 characters: without 0 and O, 1, I and L, U and V.
  static let alphabet = Array("23456789ABCDEFGHJKMNPQRSTWXYZ")
  static let length = 8

  /// As it is stored and shown.
  package let text: String

  /// A new one, of the system's random source.
  package init() {
    var source = SystemRandomNumberGenerator()
    // Each character as likely as every other: `randomElement` throws away what would favour some.
    text = String((0..<Self.length).compactMap { _ in Self.alphabet.randomElement(using: &source) })
  }

  /// One that was typed, in either case, with blanks and hyphens wherever they are; nil if it cannot be one.
  package init?(typed: String) {
    guard typed.utf8.count <= 64 else { return nil }
    let kept = typed.uppercased().filter { $0 != " " && $0 != "-" }
    guard kept.count == Self.length, kept.allSatisfy(Self.alphabet.contains) else { return nil }
    text = kept
  }
}

/// A code of a course.
struct IssuedCode: Sendable {
  let id: Int64
  let code: String
  let createdAt: Instant
  /// Nil: never.
  let expiresAt: Instant?
}
