import CivilTime

/// A card of a deck as one learner knows it. Both schedulers' states follow every answer, so a learner who changes from one to
/// the other loses nothing.
package struct StudyCard: Sendable, Equatable {
  package let id: Int64
  /// Its place in the deck; equal ones are ordered by id.
  package let position: Int
  /// Nil until the first answer.
  package let memory: CardMemory?
  package let record: AnswerRecord

  package init(id: Int64, position: Int, memory: CardMemory? = nil, record: AnswerRecord = .fresh) {
    self.id = id
    self.position = position
    self.memory = memory
    self.record = record
  }

  package func kind(by scheduler: LearningSettings.Scheduler) -> CardKind {
    switch scheduler {
    case .fsrs6: memory.map { $0.phase.isReview ? .review : .learning } ?? .new
    case .weights: record.isFresh ? .new : record.isLearned ? .review : .learning
    }
  }

  /// The card after an answer, and what the event says of the schedule.
  package func answered(
    _ rating: Rating, at moment: Instant, mode: StudyMode, settings: LearningSettings
  ) -> (card: StudyCard, fields: ScheduleFields) {
    let isScheduled = settings.scheduler == .fsrs6
    guard mode.writesSchedule else { return (self, isScheduled ? ScheduleFields(unchanged: memory) : .unscheduled) }
    let scheduler = settings.fsrs
    let next = scheduler.review(memory, rating, at: moment)
    let card = StudyCard(
      id: id, position: position, memory: next, record: record.answered(correct: rating > .again, at: moment))
    let fields = isScheduled ? ScheduleFields(before: memory, next: next, at: moment, scheduler) : .unscheduled
    return (card, fields)
  }

  /// What each rating would do to the schedule now; empty where it would do nothing.
  package func previews(at moment: Instant, mode: StudyMode, settings: LearningSettings) -> [ReviewPreview] {
    guard mode.writesSchedule, settings.scheduler == .fsrs6 else { return [] }
    return settings.fsrs.previews(of: memory, at: moment)
  }

  /// The cards with which a session under `weights` begins: afresh once every card is learned.
  package static func beginningCycle(_ cards: [StudyCard]) -> [StudyCard] {
    guard cards.allSatisfy(\.record.isLearned) else { return cards }
    return cards.map { StudyCard(id: $0.id, position: $0.position, memory: $0.memory) }
  }
}
