/// Which cards of a deck a session asks.
package enum StudyMode: String, Sendable, CaseIterable {
  /// What is due today, within the learner's daily limits.
  case due
  /// Every card once, due or not, the limits aside; answers move the schedule.
  case all
  /// Every card until it was right; answers leave the schedule as it is.
  case cram

  package var writesSchedule: Bool { self != .cram }
}

/// What a card is to its learner, before an answer.
package enum CardKind: String, Sendable, CaseIterable {
  case new, learning, review
}
