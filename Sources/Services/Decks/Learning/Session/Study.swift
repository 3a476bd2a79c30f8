import CivilTime

/// A learner, a deck and a session: all that an answer needs and changes, as one value.
///
/// A part of the deck will do where it has the card that is answered, the first of each class that ``StudyQueue`` asks, and of
/// those the first besides that card: the next card, and whether the session ends, are then those of the whole deck. What an
/// answer says of the progress is of the cards in view.
package struct Study: Sendable, Equatable {
  /// All of the deck, or such a part.
  package private(set) var cards: [StudyCard]
  package var session: StudySession
  package private(set) var tally: DailyTally
  package let settings: LearningSettings

  package init(cards: [StudyCard], session: StudySession, tally: DailyTally, settings: LearningSettings) {
    self.cards = cards
    self.session = session
    self.tally = tally
    self.settings = settings
  }

  package func queue(at now: Instant) -> StudyQueue {
    StudyQueue(cards, for: session, settings: settings, tally: tally, at: now)
  }

  /// Any card of the deck may be answered, also one that is not next: a client may have fetched it before the queue changed.
  package mutating func answer(_ id: Int64, _ rating: Rating, at now: Instant) throws(AnswerRefusal) -> Answered {
    guard let index = cards.firstIndex(where: { $0.id == id }) else { throw .unknownCard }
    // The session's own time, which does not go back.
    let moment = max(now, session.lastActivityAt)
    let kind = cards[index].kind(by: settings.scheduler)
    let (card, fields) = cards[index].answered(rating, at: moment, mode: session.mode, settings: settings)
    let isKnown = session.mode == .cram ? rating > .again : card.kind(by: settings.scheduler) == .review
    if let late = session.answer(card: id, isKnown: isKnown, at: moment) { throw .sessionOver(late) }
    cards[index] = card
    if session.mode.writesSchedule { tally.count(kind) }
    let remaining = queue(at: moment)
    let progress = SessionProgress(session, remaining: remaining)
    return Answered(
      card: card, at: moment, fields: fields, next: remaining.next, progress: progress,
      end: session.finishIfDone(remaining))
  }

  package struct Answered: Sendable, Equatable {
    /// As it is now.
    package let card: StudyCard
    package let at: Instant
    package let fields: ScheduleFields
    package let next: StudyQueue.Entry?
    package let progress: SessionProgress
    /// The session's, if this was its last card.
    package let end: SessionEnd?
  }
}

package enum AnswerRefusal: Error, Equatable, CustomStringConvertible {
  case unknownCard
  case sessionOver(StudySession.LateAnswer)

  package var description: String {
    switch self {
    case .unknownCard: "the card is not of this session's deck"
    case .sessionOver(let late): "the session ended at \(late.end.at.isoText); start another"
    }
  }
}
