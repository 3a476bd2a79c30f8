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

  /// - Parameter fields: between U+001F.
  init(id: Int64, type: Int64, tags: String, fields: String) {
    self.id = id
    self.type = type
    self.tags = tags.split(whereSeparator: \.isWhitespace).map(String.init)
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
