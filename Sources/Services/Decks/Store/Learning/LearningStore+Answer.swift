import CivilTime
import EventSchema
import Foundation
import Postgres

extension LearningStore {
  /// What became of an answer.
  private enum Outcome: Sendable {
    case taken(StoredAnswer, SessionEnd?)
    case repeated(StoredAnswer)
    /// With the end that this answer found, if it did.
    case sessionOver(SessionEnd, found: Bool)
  }

  /// Takes an answer: two round trips, three for the first of a learner's day.
  /// - Returns: what it came to; of a repeat, what the first came to.
  /// - Throws: 404 for a session, card or deck that is not there for the caller, 409 for a session that is over or an id that
  ///   came with another answer.
  func answer(
    _ submission: AnswerSubmission, id: UUID, _ request: Request
  ) async throws -> StoredAnswer {
    let learner = try request.caller.person()
    let outcome: Outcome
    do {
      outcome = try await pool.transaction(until: request.deadline) { transaction in
        try answer(submission, id: id, by: learner, request, in: transaction)
      }
    } catch let error as PostgresError where error.constraint == "schedules_card_id_fkey" {
      // Deleted between the two round trips.
      throw LearningFailures.cardNotFound.failure()
    }
    switch outcome {
    case .repeated(let answer): return answer
    case .taken(let answer, let end):
      metrics.answers.increment()
      changed(end)
      return answer
    case .sessionOver(let end, let found):
      if found { changed(end) }
      throw LearningFailures.sessionOver.failure("The session ended at \(end.at.isoText): start another.")
    }
  }

  private func answer(
    _ submission: AnswerSubmission, id: UUID, by learner: Int64, _ request: Request,
    in transaction: PostgresTransaction
  ) throws -> Outcome {
    let (session, card) = (submission.session, submission.card)
    func window(_ day: Range<Instant>?) -> PostgresCall {
      PostgresCall(
        statement: QueueWindow.remaining,
        values: QueueWindow.values(session: session, learner: learner, now: request.now, day: day, without: card))
    }
    let rows = try transaction.run([
      StoredLearner.lock(.int8(learner)), StoredAnswer.byID(.int8(learner), .uuid(id)),
      PostgresCall(
        statement: AnswerContext.read,
        values: [.int8(session), .int8(learner), .int8(card)] + DeckAccess(request.caller).parameters),
      window(nil),
    ])
    guard let row = rows[2].first else { throw LearningFailures.sessionNotFound.failure() }
    let earlier = try rows[1].first.map { try StoredAnswer($0, id: id) }
    switch AnswerReception(submission, earlier: earlier.map { ($0.submission, $0) }) {
    case .repeated(let answer): return .repeated(answer)
    case .conflict: throw LearningFailures.answerIDReused.failure()
    case .new: break
    }
    let context = try AnswerContext(row)
    guard let deckVersion = context.deckVersion else { throw DeckAccess.notFound.failure() }
    let known = try StoredLearner(rows[0].first, zones)
    let moment = max(request.now, context.session.lastActivityAt)
    let span = known.settings.calendar.span(around: moment)
    var (seen, tally) = (rows[3], known.tally(of: span))
    let isFirstOfDay = tally == nil
    if isFirstOfDay {
      let again = try transaction.run([
        window(span), StoredLearner.count(.int8(learner), .moment(span.lowerBound), .moment(span.upperBound)),
      ])
      (seen, tally) = (again[0], try DailyTally(again[1].first))
    }
    let queue = try QueueWindow(seen)
    var study = context.study(queue, known, tally ?? DailyTally())
    let answered: Study.Answered
    do throws(AnswerRefusal) {
      answered = try study.answer(card, submission.effectiveRating, at: moment)
    } catch {
      switch error {
      case .unknownCard: throw LearningFailures.cardNotFound.failure()
      case .sessionOver(let late):
        if late.endedNow {
          transaction.runWithCommit(ending(context.session.changed(to: study.session), late.end, learner))
        }
        return .sessionOver(late.end, found: late.endedNow)
      }
    }
    let answer = StoredAnswer(
      id: id, submission: submission, answeredAt: answered.at, dueAt: answered.fields.dueAt,
      cardsSeen: study.session.cardsSeen, cardsKnown: study.session.cardsKnown, endsSession: answered.end != nil)
    let lookedForUnasked = isFirstOfDay || known.hasRoomForNew || !context.session.asksNewOnly(by: known.settings)
    let first = queue.cards.first(where: \.isFirstUnasked)?.card
    let writing = AnswerWriting(
      learner: learner, deck: context.session.deck, answer: answer, study: study, answered: answered,
      kind: context.session.mode.writesSchedule ? context.card?.kind(by: known.settings.scheduler) : nil,
      number: context.session.answers + 1, day: span,
      unasked: first == nil && !lookedForUnasked
        ? nil
        : AnswerWriting.Unasked(
          version: deckVersion, index: first?.position ?? AnswerWriting.Unasked.lastIndex,
          card: first?.id ?? AnswerWriting.Unasked.lastCard))
    var events = [LearningEvents.answered(answer, deck: context.session.deck, learner: learner, answered.fields)]
    if let end = answered.end { events.append(LearningEvents.finished(context.session, end, learner: learner)) }
    let day = known.settings.calendar.day(of: moment).day
    transaction.runWithCommit(
      [writing()] + (isFirstOfDay ? [StoredLearner.studied(.int8(learner), .int8(day))] : [])
        + [outbox.insert(events)])
    return .taken(answer, answered.end)
  }
}

extension StoredSession {
  /// Whether the first card that was not asked is sought among new ones only, and only while the day's limit leaves room.
  fileprivate func asksNewOnly(by settings: LearningSettings) -> Bool {
    mode == .due && settings.scheduler == .fsrs6
  }
}
