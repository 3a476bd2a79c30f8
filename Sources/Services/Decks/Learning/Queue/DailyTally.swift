/// What a learner has answered today, over all decks; it counts against the limits.
package struct DailyTally: Sendable, Equatable {
  /// Cards answered for the first time ever.
  package private(set) var newCards: Int
  /// Answers to cards in review.
  package private(set) var reviews: Int

  package init(newCards: Int = 0, reviews: Int = 0) {
    self.newCards = newCards
    self.reviews = reviews
  }

  /// Counts an answer to a card that was of this kind before it. Answers of a cramming session are not counted.
  package mutating func count(_ kind: CardKind) {
    switch kind {
    case .new: newCards += 1
    case .learning: break
    case .review: reviews += 1
    }
  }
}
