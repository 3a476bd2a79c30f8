import CivilTime
import Decks
import Testing

@Suite struct StudySessionTests {
  private let noon = Learner.noon

  private func session(_ mode: StudyMode = .due) -> StudySession { StudySession(mode: mode, startedAt: noon) }

  @Test func finishingEndsItOnceAtThatMoment() {
    var session = session()
    #expect(session.answer(card: 1, isKnown: true, at: noon.after(minutes: 1)) == nil)
    #expect(session.answer(card: 2, isKnown: false, at: noon.after(minutes: 2)) == nil)
    let end = session.finish(at: noon.after(minutes: 3))
    #expect(
      end
        == SessionEnd(cause: .finished, at: noon.after(minutes: 3), durationSeconds: 180, cardsSeen: 2, learnedCards: 1)
    )
    #expect(end?.isCompleted == true && session.end == end)
    #expect(session.finish(at: noon.after(minutes: 4)) == nil && session.sweep(at: noon.after(days: 1)) == nil)
    let late = session.answer(card: 3, isKnown: true, at: noon.after(minutes: 5))
    #expect(late?.end == end && late?.endedNow == false && session.seen == [1, 2])
  }

  @Test func whoeverFindsItAbandonedItEndedWithTheLastAnswer() {
    var left = session()
    _ = left.answer(card: 1, isKnown: true, at: noon.after(minutes: 4))
    #expect(left.sweep(at: noon.after(minutes: 33.99)) == nil)
    let expected = SessionEnd(
      cause: .abandoned, at: noon.after(minutes: 4), durationSeconds: 240, cardsSeen: 1, learnedCards: 1)
    #expect(!expected.isCompleted)
    let later = noon.after(minutes: 34)
    var (swept, finished, answered) = (left, left, left)
    #expect(swept.sweep(at: later) == expected && swept.sweep(at: later) == nil)
    #expect(finished.finish(at: later) == expected && finished.finish(at: later) == nil)
    let late = answered.answer(card: 2, isKnown: true, at: later)
    #expect(late?.end == expected && late?.endedNow == true)
    #expect(answered.answer(card: 2, isKnown: true, at: later)?.endedNow == false)
    #expect(swept == finished && finished == answered)
    var untouched = session()
    #expect(untouched.sweep(at: noon.after(minutes: 30))?.at == noon, "without an answer, with its start")
  }

  @Test func durationLeavesPausesOut() {
    var session = session()
    for minutes in [1.0, 11, 21.5, 22, 45] {
      _ = session.answer(card: 1, isKnown: false, at: noon.after(minutes: minutes))
    }
    // 1, 10 and 0.5 minutes; 10.5 and 23 are pauses.
    #expect(session.finish(at: noon.after(minutes: 46))?.durationSeconds == (60 + 600 + 30 + 60))
  }

  @Test func aClockSetBackTakesNothingBack() {
    var session = session()
    _ = session.answer(card: 1, isKnown: true, at: noon.after(minutes: 5))
    _ = session.answer(card: 2, isKnown: true, at: noon.after(minutes: 3))
    #expect(session.lastActivityAt == noon.after(minutes: 5))
    let end = session.finish(at: noon.after(minutes: -10))
    #expect(end?.at == noon.after(minutes: 5) && end?.durationSeconds == 300)
  }

  @Test func startingResumesWhatIsActive() {
    let active = session()
    let now = noon.after(minutes: 10)
    #expect(SessionStart(mode: .due, active: active, cards: 5, at: now) == .resumed(active))
    #expect(SessionStart(mode: nil, active: session(.all), cards: 5, at: now) == .resumed(session(.all)))
    let new = StudySession(mode: .due, startedAt: now)
    #expect(SessionStart(mode: nil, active: nil, cards: 5, at: now) == .started(new, ended: nil))
    #expect(SessionStart(mode: .due, active: nil, cards: 0, at: now) == .refusedWithoutCards)
    guard case .started(let other, let ended?) = SessionStart(mode: .cram, active: active, cards: 5, at: now) else {
      Issue.record("another mode is another session")
      return
    }
    #expect(other.mode == .cram && ended.cause == .finished && ended.at == now)
    let later = noon.after(minutes: 30)
    guard case .started(let next, let left?) = SessionStart(mode: .due, active: active, cards: 5, at: later) else {
      Issue.record("one that was left is over")
      return
    }
    #expect(next.startedAt == later && left.cause == .abandoned && left.at == noon)
  }

  @Test func timesAreCappedAndNeverNegative() throws {
    #expect(try AnswerTime(seconds: 0).milliseconds == 0 && AnswerTime(seconds: 1.2345).milliseconds == 1235)
    for long in [60, 60.001, 61, 1e300] { #expect(try AnswerTime(seconds: long).milliseconds == 60_000) }
    #expect(throws: AnswerTimeError.negative) { try AnswerTime(seconds: -0.001) }
    for wrong in [Double.nan, .infinity, -.infinity] {
      #expect(throws: AnswerTimeError.notANumber) { try AnswerTime(seconds: wrong) }
    }
  }

  @Test func anAnswerIsTakenOncePerIdentity() throws {
    func submission(_ card: Int64 = 7, _ rating: Rating? = nil, seconds: Double = 3, session: Int64 = 1) throws
      -> AnswerSubmission
    {
      AnswerSubmission(
        session: session, card: card, correct: true, rating: rating, time: try AnswerTime(seconds: seconds))
    }
    let first = try submission()
    #expect(AnswerReception<String>(first, earlier: nil) == .new)
    #expect(AnswerReception(try submission(), earlier: (first, "reply")) == .repeated("reply"))
    let others = [
      try submission(8), try submission(7, .good), try submission(seconds: 4), try submission(session: 2),
    ]
    for other in others { #expect(AnswerReception(other, earlier: (first, "reply")) == .conflict) }
    #expect(try first.effectiveRating == .good && submission(7, .hard).effectiveRating == .hard)
  }

  @Test func aPartOfASessionEndsLikeTheWhole() {
    var whole = session()
    for card in Int64(1)...5 { _ = whole.answer(card: card, isKnown: card < 4, at: noon.after(minutes: Double(card))) }
    // Cards 2 and 4 are in view.
    var part = StudySession(
      mode: .due, startedAt: noon, lastActivityAt: whole.lastActivityAt, activeMilliseconds: whole.activeMilliseconds,
      seen: [2, 4], known: [2], unlisted: .init(seen: 3, known: 2), end: nil)
    for (card, isKnown) in [(Int64(4), true), (2, false), (9, true)] {
      _ = whole.answer(card: card, isKnown: isKnown, at: noon.after(minutes: 6))
      _ = part.answer(card: card, isKnown: isKnown, at: noon.after(minutes: 6))
      #expect(part.cardsSeen == whole.cardsSeen && part.cardsKnown == whole.cardsKnown)
    }
    #expect(
      part.seen == [4, 2, 9] && part.finish(at: noon.after(minutes: 7)) == whole.finish(at: noon.after(minutes: 7)))
    #expect(part.end?.cardsSeen == 6 && part.end?.learnedCards == 4)
  }

  @Test func whoIsGoneByAnotherClockIsGone() {
    var session = session()
    _ = session.answer(card: 1, isKnown: true, at: noon.after(minutes: 2))
    let end = session.abandon()
    #expect(end?.cause == .abandoned && end?.at == noon.after(minutes: 2) && session.end == end)
    #expect(session.abandon() == nil && session.finish(at: noon.after(minutes: 3)) == nil)
  }
}
