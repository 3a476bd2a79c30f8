import CivilTime

/// The optional fields of `card_answered` that tell how the answer stood to the schedule. What is not known is nil: all of the
/// first four at a card's first answer.
package struct ScheduleFields: Sendable, Equatable {
  /// Seconds since the card's answer before.
  package let sincePreviousSeconds: Int?
  /// The interval that the answer before had set, in whole days; 0 for a step of minutes.
  package let scheduledDays: Int?
  /// In days, before this answer.
  package let stability: Double?
  /// 0…1, just before this answer.
  package let retrievability: Double?
  /// When the card is due after this answer.
  package let dueAt: Instant?

  /// Of an answer at `moment` that turned `memory` into `next`.
  init(before memory: CardMemory?, next: CardMemory, at moment: Instant, _ scheduler: FSRSScheduler) {
    sincePreviousSeconds = memory.map { max(0, moment.milliseconds(since: $0.lastReviewAt)) / 1000 }
    scheduledDays = memory.map { $0.dueAt.milliseconds(since: $0.lastReviewAt) / Instant.millisecondsPerDay }
    stability = memory?.stability
    retrievability = memory.map { scheduler.retrievability(of: $0, at: moment) }
    dueAt = next.dueAt
  }

  /// Of an answer that changed no schedule: the card stays due when it was, and is no review to be measured.
  init(unchanged memory: CardMemory?) {
    (sincePreviousSeconds, scheduledDays, stability, retrievability) = (nil, nil, nil, nil)
    dueAt = memory?.dueAt
  }

  /// Of an answer under a scheduler that knows no due dates.
  package static let unscheduled = ScheduleFields(unchanged: nil)
}
