import HTTPService
import JSON

/// A name or surname as its owner writes it, without blanks around it. Names of people are in no log: every textual form of the
/// value is dots.
package struct PersonName: Sendable, Hashable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable
{
  /// In Unicode scalars.
  package static let lengths = 1...100

  /// To be stored and shown.
  package let text: String

  package init(_ typed: String) throws(NameObjection) {
    // Before anything looks at each of them.
    guard typed.utf8.count <= 4096 else { throw .tooLong }
    let scalars = Array(typed.unicodeScalars)
    guard let first = scalars.firstIndex(where: { !$0.properties.isWhitespace }),
      let last = scalars.lastIndex(where: { !$0.properties.isWhitespace })
    else { throw .empty }
    let kept = scalars[first...last]
    guard kept.count <= Self.lengths.upperBound else { throw .tooLong }
    guard kept.allSatisfy(Self.isWritten) else { throw .badCharacter }
    var text = String.UnicodeScalarView()
    text.append(contentsOf: kept)
    self.text = String(text)
  }

  package var description: String { "•••" }
  package var debugDescription: String { "•••" }
  package var customMirror: Mirror { Mirror(self, children: [:]) }

  /// Not what breaks lines, cannot be seen at all, or turns the text around it.
  private static func isWritten(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .control, .lineSeparator, .paragraphSeparator, .privateUse, .surrogate: false
    // Joiners, which some scripts need inside words.
    case .format: scalar == "\u{200C}" || scalar == "\u{200D}"
    default: true
    }
  }
}

/// Why a name is not taken. Nothing of it is in here.
package enum NameObjection: Error, Sendable, CaseIterable, CustomStringConvertible {
  case empty, tooLong, badCharacter

  package var description: String {
    switch self {
    case .empty: "a name has at least one character"
    case .tooLong: "a name has at most \(PersonName.lengths.upperBound) characters"
    case .badCharacter: "a name has no control characters, line breaks or invisible marks"
    }
  }
}

extension Form where Value == PersonName {
  /// As a request has it. No pattern says it that all users of the document would read alike: it has a format of its own, and words.
  package static let personName = Form(
    .text(
      TextSchema(
        PersonName.lengths,
        rule: TextRule(
          format: "person-name",
          demand: "must be a name: not blank, without control characters, line breaks and invisible marks"
        ) { (try? PersonName($0)) != nil }))
  ) { value in
    guard case .string(let text) = value, let name = try? PersonName(text) else {
      preconditionFailure("converted is what the rule holds for")
    }
    return name
  }
}
