import CivilTime

/// What FSRS knows of one learner's memory of one card that was answered at least once.
package struct CardMemory: Sendable, Equatable {
  package enum Phase: Sendable, Equatable {
    /// New, and still asked at short steps; `step` counts from 0.
    case learning(step: Int)
    /// Asked at intervals of days.
    case review
    /// Forgotten in review, and asked at short steps again.
    case relearning(step: Int)

    package var isReview: Bool { self == .review }
  }

  package let phase: Phase
  /// Days after which the card is still known with probability 0.9.
  package let stability: Double
  /// 1…10.
  package let difficulty: Double
  package let lastReviewAt: Instant
  package let dueAt: Instant
  /// How often the card was answered, this time included.
  package let reviews: Int

  package init(
    phase: Phase, stability: Double, difficulty: Double, lastReviewAt: Instant, dueAt: Instant, reviews: Int
  ) {
    self.phase = phase
    self.stability = stability
    self.difficulty = difficulty
    self.lastReviewAt = lastReviewAt
    self.dueAt = dueAt
    self.reviews = reviews
  }

  /// Whole spans of 24 hours since the last review; 0 where a clock was set back.
  package func daysSinceReview(at moment: Instant) -> Int {
    max(0, moment.milliseconds(since: lastReviewAt) / Instant.millisecondsPerDay)
  }
}
