/// A note as the package has it: its first two fields read, and what there is besides.
package struct AnkiNote: Sendable {
  package let id: Int64
  package let type: Int64
  package let tags: [String]
  package let front: FieldText
  package let back: FieldText
  /// The places, from 0, of further fields that have something in them.
  package let furtherFields: [Int]
  /// How many cards Anki makes of it.
  package internal(set) var cards = 0
  /// Whether one of them has been studied.
  package internal(set) var isStudied = false

  /// More than any note type has; each takes many times its bytes.
  private static let mostFields = 200
  private static let mostTags = 100

  /// - Parameter fields: between U+001F.
  init(id: Int64, type: Int64, tags: String, fields: String) throws(AnkiPackageError) {
    self.id = id
    self.type = type
    let words = tags.split(maxSplits: Self.mostTags, whereSeparator: \.isWhitespace)
    guard words.count <= Self.mostTags else { throw .malformedCollection("a note has more than \(Self.mostTags) tags") }
    self.tags = words.map(String.init)
    guard fields.utf8.lazy.filter({ $0 == 0x1F }).count < Self.mostFields else {
      throw .malformedCollection("a note has more than \(Self.mostFields) fields")
    }
    let fields = fields.utf8.split(separator: 0x1F, omittingEmptySubsequences: false)
    front = FieldText(fields[0])
    back = fields.count > 1 ? FieldText(fields[1]) : FieldText("".utf8[...])
    furtherFields = fields.indices.dropFirst(2).filter { !FieldText(fields[$0]).isEmpty }
  }
}

/// What kind of note it is.
package struct AnkiNoteType: Sendable, Equatable {
  package let name: String
  /// Whether its front is a text with gaps.
  package let isCloze: Bool
  package internal(set) var fields: [String]
}
