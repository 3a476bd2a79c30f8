import Foundation

/// A word by which decks are found: without blanks around it and in small letters, so that `Verbs ` and `verbs` are one.
package enum DeckTag {
  package static func normalized(_ text: String) -> String {
    text.trimmingCharacters(in: .whitespacesAndNewlines).lowercased()
  }

  /// Each once, sorted.
  package static func normalized(_ texts: [String]) -> [String] { Set(texts.map(normalized)).sorted() }
}
