import CivilTime

/// How many cards of a deck a session of mode `due` would ask today. The limits are the learner's over all decks: what one
/// deck takes of them is no longer left for the others.
package struct DueCounts: Sendable, Equatable {
  /// Never answered, within the limit.
  package let new: Int
  /// At a short step that is due today, now or later.
  package let learning: Int
  /// Reviews due today or before, within the limit.
  package let due: Int
  /// Of `due`, those due before today.
  package let overdue: Int

  /// - Parameter cards: all of the deck.
  package init(_ cards: [StudyCard], settings: LearningSettings, tally: DailyTally, at now: Instant) {
    switch settings.scheduler {
    case .fsrs6:
      let chosen = DueSelection(cards, mode: .due, seen: [], settings: settings, tally: tally, at: now)
      (new, learning, due, overdue) = (chosen.new.count, chosen.learningToday, chosen.reviews.count, chosen.overdue)
    case .weights:
      // Nothing is ever due under it.
      let kinds = cards.map { $0.kind(by: .weights) }
      new = min(kinds.count { $0 == .new }, max(0, settings.newPerDay - tally.newCards))
      learning = kinds.count { $0 == .learning }
      (due, overdue) = (0, 0)
    }
  }
}
