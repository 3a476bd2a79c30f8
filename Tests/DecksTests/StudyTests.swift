import CivilTime
import Decks
import Testing

/// Whole sessions: what an answer changes, and what holds in every one of them.
@Suite struct StudyTests {
  private let noon = Learner.noon

  private func study(_ cards: [StudyCard], _ mode: StudyMode, _ settings: LearningSettings = .standard) -> Study {
    Study(
      cards: cards, session: StudySession(mode: mode, startedAt: noon), tally: DailyTally(), settings: settings)
  }

  @Test func aSessionEndsWithItsLastCard() throws {
    var study = study([StudyCard(id: 1, position: 0), Learner.review(2, ago: 9, due: -1)], .due)
    let first = try study.answer(2, .good, at: noon.after(minutes: 1))
    #expect(first.next == StudyQueue.Entry(card: 1, kind: .new) && first.end == nil)
    #expect(first.progress.learnedCards == 1 && first.progress.totalCards == 2 && first.progress.fraction == 0.5)
    let second = try study.answer(1, .good, at: noon.after(minutes: 2))
    #expect(second.next?.card == 1, "its next step may be taken early, nothing else is left")
    let last = try study.answer(1, .good, at: noon.after(minutes: 3))
    #expect(last.next == nil && last.progress.fraction == 1)
    #expect(
      last.end
        == SessionEnd(cause: .lastCard, at: noon.after(minutes: 3), durationSeconds: 180, cardsSeen: 2, learnedCards: 2)
    )
    #expect(study.tally == DailyTally(newCards: 1, reviews: 1))
    #expect(throws: AnswerRefusal.sessionOver(.init(end: study.session.end!, endedNow: false))) {
      try study.answer(2, .good, at: noon.after(minutes: 4))
    }
    #expect(study.session.finish(at: noon.after(minutes: 5)) == nil)
  }

  @Test func crammingChangesNothingButTheSession() throws {
    let cards = [StudyCard(id: 1, position: 0), Learner.review(2, ago: 9, due: 5)]
    var study = study(cards, .cram)
    _ = try study.answer(1, .again, at: noon)
    #expect(try study.answer(2, .easy, at: noon).next?.card == 1)
    let last = try study.answer(1, .hard, at: noon)
    #expect(last.end?.cause == .lastCard && last.end?.learnedCards == 2)
    #expect(study.cards == cards && study.tally == DailyTally())
  }

  @Test func aStrangersCardIsRefusedAndChangesNothing() {
    var study = study([StudyCard(id: 1, position: 0)], .due)
    let before = study
    #expect(throws: AnswerRefusal.unknownCard) { try study.answer(9, .good, at: noon) }
    #expect(study == before)
  }

  /// Random learners with random decks, settings and pauses.
  @Test(arguments: 0..<120) func everySessionKeepsTheRules(seed: UInt64) throws {
    var random = SeededGenerator(state: seed)
    let settings = try Learner.settings(
      zone: ["UTC", "Asia/Kathmandu", "America/New_York", "Pacific/Chatham"].randomElement(using: &random)!,
      new: Int.random(in: 0...6, using: &random), reviews: Int.random(in: 0...6, using: &random),
      scheduler: seed % 4 == 3 ? .weights : .fsrs6)
    let cards = (1...Int64.random(in: 1...25, using: &random)).map { id -> StudyCard in
      switch Int.random(in: 0..<4, using: &random) {
      case 0: Learner.learning(id, dueInMinutes: Double.random(in: -500...500, using: &random))
      case 1:
        Learner.review(
          id, stability: Double.random(in: 0.1...99, using: &random), ago: Double.random(in: 1...90, using: &random),
          due: Double.random(in: -9...9, using: &random))
      default: StudyCard(id: id, position: Int.random(in: 0...5, using: &random))
      }
    }
    var study = study(cards, StudyMode.allCases.randomElement(using: &random)!, settings)
    let mode = study.session.mode
    var (now, ends, asked) = (noon, [SessionEnd](), [CardKind: Int]())
    let counts = DueCounts(cards, settings: settings, tally: study.tally, at: now)
    for _ in 0..<600 {
      now = now.after(
        minutes: Double.random(in: 0...(Int.random(in: 0..<60, using: &random) == 0 ? 50 : 1.5), using: &random))
      if let end = study.session.sweep(at: now) { ends.append(end) }
      let queue = study.queue(at: now)
      #expect(Set(queue.entries.map(\.card)).count == queue.entries.count, "no card twice")
      guard study.session.end == nil, let next = queue.next else { break }
      if Int.random(in: 0..<150, using: &random) == 0, let end = study.session.finish(at: now) { ends.append(end) }
      let tally = study.tally
      do throws(AnswerRefusal) {
        let answered = try study.answer(next.card, Rating.allCases.randomElement(using: &random)!, at: now)
        asked[next.kind, default: 0] += 1
        if let end = answered.end { ends.append(end) }
        #expect((answered.end != nil) == (answered.next == nil) && (0...1).contains(answered.progress.fraction))
        #expect((answered.progress.fraction == 1) == (answered.next == nil))
        if let dueAt = answered.card.memory?.dueAt, mode.writesSchedule { #expect(dueAt > now) }
        if mode == .cram { #expect(study.cards == cards && study.tally == tally) }
      } catch {
        #expect(error == .sessionOver(.init(end: study.session.end!, endedNow: false)))
        #expect(study.tally == tally)
      }
    }
    if mode == .due {
      #expect(asked[.new, default: 0] <= settings.newPerDay, "seed \(seed)")
      #expect(asked[.review, default: 0] <= settings.reviewsPerDay, "seed \(seed)")
      #expect(counts.new <= settings.newPerDay && counts.due <= settings.reviewsPerDay && counts.overdue <= counts.due)
    }
    if let end = study.session.finish(at: now) { ends.append(end) }
    if let end = study.session.sweep(at: now.after(days: 1)) { ends.append(end) }
    #expect(ends.count == 1 && ends.first == study.session.end, "seed \(seed): \(ends)")
    let end = try #require(study.session.end)
    #expect(end.learnedCards <= end.cardsSeen && end.cardsSeen <= cards.count)
    #expect(end.at >= noon && end.durationSeconds * 1000 <= end.at.milliseconds - noon.milliseconds)
  }
}
