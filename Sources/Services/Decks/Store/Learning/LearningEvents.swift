import CivilTime
import EventSchema

/// The events of a learner's deeds.
enum LearningEvents {
  static func started(_ session: StoredSession, learner: Int64) -> Event {
    event(
      at: session.startedAt,
      .learningSessionStarted(
        sessionID: UInt64(session.id), userID: UInt64(learner), deckID: UInt64(session.deck),
        startedAtMs: Int64(session.startedAt.milliseconds)))
  }

  static func finished(_ session: StoredSession, _ end: SessionEnd, learner: Int64) -> Event {
    event(
      at: end.at,
      .learningSessionFinished(
        sessionID: UInt64(session.id), userID: UInt64(learner), deckID: UInt64(session.deck),
        finishedAtMs: Int64(end.at.milliseconds), totalCardsSeen: UInt32(end.cardsSeen),
        learnedCards: UInt32(end.learnedCards), durationSec: UInt32(clamping: end.durationSeconds),
        completed: end.isCompleted))
  }

  static func answered(_ answer: StoredAnswer, deck: Int64, learner: Int64, _ fields: ScheduleFields) -> Event {
    let given = answer.submission
    return event(
      at: answer.answeredAt,
      .cardAnswered(
        sessionID: UInt64(given.session), userID: UInt64(learner), deckID: UInt64(deck), cardID: UInt64(given.card),
        correct: given.correct, answerTimeMs: UInt32(given.time.milliseconds),
        rating: given.rating.map { UInt8($0.rawValue) }, answeredAtMs: Int64(answer.answeredAt.milliseconds),
        schedule: AnswerSchedule(fields)))
  }

  static func tested(_ result: TestResult) -> Event {
    event(
      at: result.completedAt,
      .testCompleted(
        resultID: UInt64(result.id), userID: UInt64(result.learner), deckID: UInt64(result.deck),
        cardsTotal: UInt32(result.cardsTotal), cardsCorrect: UInt32(result.cardsCorrect),
        correctRate: result.correctRate, totalTimeSec: UInt32(clamping: Int(result.totalTimeSeconds.rounded())),
        completedAtMs: Int64(result.completedAt.milliseconds)))
  }

  private static func event(at moment: Instant, _ payload: EventPayload) -> Event {
    Event(id: .random(), occurredAtMs: Int64(moment.milliseconds), producer: "decks-service", payload: payload)
  }
}

extension AnswerSchedule {
  init(_ fields: ScheduleFields) {
    self.init(
      sincePreviousSec: fields.sincePreviousSeconds.map { UInt32(clamping: $0) },
      scheduledDays: fields.scheduledDays.map { UInt32(clamping: $0) }, stability: fields.stability,
      retrievability: fields.retrievability,
      // An interval may reach beyond the times that an event can have.
      dueAtMs: fields.dueAt.map { Int64($0.milliseconds) }.flatMap { $0 <= EventDecoder.latestTimeMs ? $0 : nil })
  }
}
