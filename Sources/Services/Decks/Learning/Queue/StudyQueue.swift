import CivilTime

/// What a session asks next, and after that: cards at a short step that is due, then reviews, the most likely forgotten first,
/// then new ones in the deck's order, within the learner's daily limits.
package struct StudyQueue: Sendable, Equatable {
  package struct Entry: Sendable, Equatable {
    package let card: Int64
    package let kind: CardKind

    package init(card: Int64, kind: CardKind) {
      self.card = card
      self.kind = kind
    }
  }

  /// In order; empty when the session has asked its last card.
  package let entries: [Entry]

  package var next: Entry? { entries.first }

  /// - Parameters:
  ///   - cards: all of the deck.
  ///   - tally: what the learner has answered today, over all decks.
  package init(
    _ cards: [StudyCard], for session: StudySession, settings: LearningSettings, tally: DailyTally, at now: Instant
  ) {
    switch (session.mode, settings.scheduler) {
    case (.cram, let scheduler):
      let seen = Set(session.seen)
      let unseen = StudyCard.inDeckOrder(cards.filter { !seen.contains($0.id) })
      let byID = Dictionary(cards.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
      let missed = session.seen.filter { !session.known.contains($0) }.compactMap { byID[$0] }
      entries = (unseen + missed).map { Entry(card: $0.id, kind: $0.kind(by: scheduler)) }
    case (let mode, .fsrs6):
      let chosen = DueSelection(
        cards, mode: mode, seen: Set(session.seen), settings: settings, tally: tally, at: now)
      entries = (chosen.learning + chosen.reviews + chosen.new + chosen.ahead).map {
        Entry(card: $0.id, kind: $0.kind(by: .fsrs6))
      }
    case (let mode, .weights):
      entries = Self.heaviestFirst(cards, mode: mode, settings: settings, tally: tally, at: now).map {
        Entry(card: $0.id, kind: $0.kind(by: .weights))
      }
    }
  }

  /// Under `weights` a session goes on until every card it may ask is learned; a learned one may be asked in between.
  private static func heaviestFirst(
    _ cards: [StudyCard], mode: StudyMode, settings: LearningSettings, tally: DailyTally, at now: Instant
  ) -> [StudyCard] {
    let weighed = cards.map { (card: $0, weight: $0.record.weight(at: now)) }.sorted {
      (-$0.weight, $0.card.position, $0.card.id) < (-$1.weight, $1.card.position, $1.card.id)
    }.map(\.card)
    var left = (new: settings.newPerDay - tally.newCards, reviews: settings.reviewsPerDay - tally.reviews)
    let asked = weighed.filter { card in
      guard mode == .due else { return true }
      switch card.kind(by: .weights) {
      case .new:
        left.new -= 1
        return left.new >= 0
      case .learning: return true
      case .review:
        left.reviews -= 1
        return left.reviews >= 0
      }
    }
    return asked.allSatisfy(\.record.isLearned) ? [] : asked
  }
}
