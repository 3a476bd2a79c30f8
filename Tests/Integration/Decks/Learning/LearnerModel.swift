import CivilTime
import Decks

/// A learner by the pure rules alone, with whole decks in memory: what the service must come to, however it reads them.
struct LearnerModel {
  struct Deck {
    var cards: [StudyCard] = []
    var session: StudySession?
    /// The service's number of the session.
    var sessionID: Int64 = 0
  }

  var decks: [Int64: Deck] = [:]
  var settings = LearningSettings.standard
  private var counted: [(kind: CardKind, at: Instant)] = []

  func study(_ deck: Int64, _ session: StudySession, at moment: Instant) -> Study {
    Study(cards: decks[deck]!.cards, session: session, tally: tally(at: moment), settings: settings)
  }

  func tally(at moment: Instant) -> DailyTally {
    let today = settings.calendar.span(around: moment)
    var tally = DailyTally()
    for answer in counted where today.contains(answer.at) { tally.count(answer.kind) }
    return tally
  }

  /// - Returns: whether a session is new; nil if there is none to begin.
  mutating func start(_ deck: Int64, _ mode: StudyMode?, at now: Instant) -> Bool? {
    var known = decks[deck]!
    let active = known.session.flatMap { $0.end == nil ? $0 : nil }
    switch SessionStart(mode: mode, active: active, cards: known.cards.count, at: now) {
    case .refusedWithoutCards: return nil
    case .resumed: return false
    case .started(let session, _):
      known.session = session
      if settings.scheduler == .weights, session.mode != .cram {
        known.cards = StudyCard.beginningCycle(known.cards)
      }
      decks[deck] = known
      return true
    }
  }

  /// What the session asks next, with the session as it must be shown.
  func next(_ deck: Int64, at now: Instant) -> (session: StudySession, entry: StudyQueue.Entry?)? {
    guard var session = decks[deck]?.session else { return nil }
    _ = session.sweep(at: now)
    guard session.end == nil else { return (session, nil) }
    let moment = max(now, session.lastActivityAt)
    return (session, study(deck, session, at: moment).queue(at: moment).next)
  }

  func progress(_ deck: Int64, at now: Instant) -> SessionProgress? {
    guard let session = decks[deck]?.session else { return nil }
    let moment = max(now, session.lastActivityAt)
    return SessionProgress(session, remaining: study(deck, session, at: moment).queue(at: moment))
  }

  mutating func answer(_ deck: Int64, _ card: Int64, _ rating: Rating, at now: Instant) throws(AnswerRefusal)
    -> Study.Answered
  {
    let session = decks[deck]!.session!
    let moment = max(now, session.lastActivityAt)
    var study = study(deck, session, at: moment)
    let before = study.cards.first { $0.id == card }
    defer { decks[deck]!.session = study.session }
    let answered = try study.answer(card, rating, at: moment)
    decks[deck]!.cards = study.cards
    if let before, session.mode.writesSchedule { counted.append((before.kind(by: settings.scheduler), answered.at)) }
    return answered
  }

  func counts(_ deck: Int64, at now: Instant) -> DueCounts {
    DueCounts(decks[deck]!.cards, settings: settings, tally: tally(at: now), at: now)
  }
}
