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
      let studied = cards.filter { $0.memory != nil }
      self.init(
        studied: studied, newCards: cards.count - studied.count, settings: settings, tally: tally, at: now)
    case .weights:
      let kinds = cards.map { $0.kind(by: .weights) }
      self.init(
        newCards: kinds.count { $0 == .new }, learningCards: kinds.count { $0 == .learning }, settings: settings,
        tally: tally)
    }
  }

  /// Under FSRS.
  /// - Parameters:
  ///   - studied: those of the deck's cards that were answered before and are due before the day ends; others do not matter.
  ///   - newCards: how many were never answered.
  package init(
    studied: [StudyCard], newCards: Int, settings: LearningSettings, tally: DailyTally, at now: Instant
  ) {
    let chosen = DueSelection(studied, mode: .due, seen: [], settings: settings, tally: tally, at: now)
    new = min(newCards, Self.newLeft(settings, tally))
    (learning, due, overdue) = (chosen.learningToday, chosen.reviews.count, chosen.overdue)
  }

  /// Under the rule of weights, where nothing is ever due.
  package init(newCards: Int, learningCards: Int, settings: LearningSettings, tally: DailyTally) {
    new = min(newCards, Self.newLeft(settings, tally))
    learning = learningCards
    (due, overdue) = (0, 0)
  }

  private static func newLeft(_ settings: LearningSettings, _ tally: DailyTally) -> Int {
    max(0, settings.newPerDay - tally.newCards)
  }
}
