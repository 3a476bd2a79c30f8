import CivilTime

/// What one learner has answered on one card, and the weight it gives the card: the rule of the first platform, which asks the
/// heaviest card next and knows no due dates.
package struct AnswerRecord: Sendable, Equatable {
  /// A card counts as learned after so many right answers in a row.
  package static let learnedStreak = 3

  package let successes: Int
  package let failures: Int
  /// Right answers since the last wrong one.
  package let streak: Int
  package let lastAnsweredAt: Instant?

  package static let fresh = AnswerRecord(successes: 0, failures: 0, streak: 0, lastAnsweredAt: nil)

  package init(successes: Int, failures: Int, streak: Int, lastAnsweredAt: Instant?) {
    self.successes = successes
    self.failures = failures
    self.streak = streak
    self.lastAnsweredAt = lastAnsweredAt
  }

  package var answers: Int { successes + failures }
  package var isFresh: Bool { answers == 0 }
  package var isLearned: Bool { streak >= Self.learnedStreak }

  package func answered(correct: Bool, at moment: Instant) -> AnswerRecord {
    AnswerRecord(
      successes: successes + (correct ? 1 : 0), failures: failures + (correct ? 0 : 1),
      streak: correct ? streak + 1 : 0, lastAnsweredAt: max(moment, lastAnsweredAt ?? moment))
  }

  /// How much the card wants to be asked. Never answered: 100, and as if left for 100 hours.
  package func weight(at moment: Instant) -> Double {
    let hours = lastAnsweredAt.map { Double(max(0, moment.milliseconds(since: $0))) / 3_600_000 } ?? 100
    let lastWasWrong = failures > 0 && streak == 0
    return (isFresh ? 100 : 0) + (lastWasWrong ? 5 : 0) + (isLearned ? -50 : 0)
      + 3 * Double(failures) - Double(successes) + 2 * Double(max(0, Self.learnedStreak - streak))
      + 0.05 * hours + 2 * difficulty
  }

  /// A number by which answered cards are in the order of their weights at any moment after: with the time all of them grow
  /// alike. 0 for a card that was never answered.
  package var rank: Double {
    guard let lastAnsweredAt, !isFresh else { return 0 }
    return weight(at: lastAnsweredAt) - 0.05 * Double(lastAnsweredAt.milliseconds) / 3_600_000
  }

  /// 0…1.
  package var difficulty: Double {
    switch answers {
    case 0: 0.5
    case 1: successes == 1 ? 0.3 : 0.8
    default: Double(failures) / Double(answers + 1)
    }
  }
}
