import CivilTime

/// A deck in a course.
package struct CourseDeck: Sendable, Equatable {
  /// Of its place in the course, not the deck's.
  package let id: Int64
  package let deckID: Int64
  /// Decks are shown by it, those of one by their ids.
  package var orderIndex: Int
  package let added: Instant
}
