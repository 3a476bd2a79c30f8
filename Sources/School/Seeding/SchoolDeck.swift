/// A deck that is there: what it asks, and what its cards are called by the platform.
struct SchoolDeck: Sendable {
  let id: Int64
  let language: Language
  /// From this week of the school's history on.
  let week: Int
  let cards: [Int64]
}
