import CivilTime

/// A deck without its cards.
package struct Deck: Sendable, Equatable {
  package let id: Int64
  package let ownerID: Int64
  package var title: String
  package var description: String
  package var visibility: DeckVisibility
  package var cardsAmount: Int
  /// Counts the changes of the deck and of its cards.
  package var version: Int64
  /// The deck it was copied from, which may be gone.
  package let copiedFrom: Int64?
  /// Whether the owner's account is gone for good.
  package let isOwnerErased: Bool
  package let created: Instant
  package var updated: Instant
  /// Slugs, sorted.
  package var categories: [String]
  /// Sorted.
  package var tags: [String]

  /// As events may say it: nobody but its owner learns a private deck's.
  var publicTitle: String? { visibility == .everyone ? title : nil }
}

/// How much a deck may hold.
enum DeckLimits {
  static let titleLength = 1...200
  static let descriptionLength = 0...4000
  static let tags = 20
  static let tagLength = 1...50
  static let categories = 20
  static let cards = 10_000
  static let cardTextLength = 0...4000
  static let orderIndex = 0...1_000_000
  /// Cards that one bulk change may create, update and delete.
  static let cardsPerChange = 1000
}
