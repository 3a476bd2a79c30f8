import CivilTime

/// How a session ended, once: what `learning_session_finished` says.
package struct SessionEnd: Sendable, Equatable {
  package enum Cause: String, Sendable {
    /// The learner said so.
    case finished
    /// Nothing was left to ask.
    case lastCard
    /// Nothing came for so long that the learner must have gone; it ended with his last answer.
    case abandoned
  }

  package let cause: Cause
  package let at: Instant
  /// Without the pauses.
  package let durationSeconds: Int
  package let cardsSeen: Int
  package let learnedCards: Int

  package init(cause: Cause, at moment: Instant, durationSeconds: Int, cardsSeen: Int, learnedCards: Int) {
    self.cause = cause
    at = moment
    self.durationSeconds = durationSeconds
    self.cardsSeen = cardsSeen
    self.learnedCards = learnedCards
  }

  package var isCompleted: Bool { cause != .abandoned }
}
