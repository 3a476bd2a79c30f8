import CivilTime
import Decks
import Testing

/// The rule of the first platform.
@Suite struct WeightsTests {
  private func record(_ answers: [Bool], hoursAgo: Double = 0) -> AnswerRecord {
    answers.reduce(AnswerRecord.fresh) { $0.answered(correct: $1, at: Learner.noon.after(minutes: -60 * hoursAgo)) }
  }

  /// 3 a failure, -1 a success, 2 for each right answer missing to three in a row, 0.05 an hour, twice the difficulty, 5 after a
  /// wrong answer, -50 once learned.
  @Test(
    arguments: [
      ([], 0, 112.0), ([true], 0, 3.6), ([false], 0, 15.6), ([true, true], 0, 0), ([true, true, true], 0, -53),
      ([false, true], 0, 3 - 1 + 4 + 2.0 / 3), ([true, true, true, false], 10, 3 - 3 + 6 + 0.5 + 0.4 + 5),
      ([true, true, true, true], 2000, -50 - 4 + 100),
    ] as [([Bool], Double, Double)])
  func weighs(answers: [Bool], hoursAgo: Double, weight: Double) {
    let found = record(answers, hoursAgo: hoursAgo).weight(at: Learner.noon)
    #expect(abs(found - weight) < 1e-9, "\(answers): \(found)")
  }

  @Test func threeInARowAreLearnedAndAWrongOneUndoesIt() {
    #expect(!record([true, true]).isLearned && record([true, true, true]).isLearned)
    #expect(!record([true, true, true, false]).isLearned && record([true, true, true, false]).streak == 0)
    #expect(record([]).isFresh && !record([false]).isFresh)
  }

  private func study(_ cards: [StudyCard], new: Int = 20, mode: StudyMode = .due) throws -> Study {
    Study(
      cards: cards, session: StudySession(mode: mode, startedAt: Learner.noon), tally: DailyTally(),
      settings: try Learner.settings(new: new, scheduler: .weights))
  }

  @Test func aSessionAsksTheHeaviestUntilAllAreLearned() throws {
    var study = try study((1...4).map { StudyCard(id: $0, position: 5 - Int($0)) })
    var now = Learner.noon
    #expect(study.queue(at: now).entries.map(\.card) == [4, 3, 2, 1], "equal weights: the deck's order")
    #expect(study.queue(at: now).entries.allSatisfy { $0.kind == .new })
    var (asked, end) = (0, SessionEnd?.none)
    while end == nil, let next = study.queue(at: now).next {
      now = now.after(minutes: 0.1)
      let answered = try study.answer(next.card, asked == 2 ? .again : .good, at: now)
      #expect(answered.fields == .unscheduled, "no due dates under it")
      end = answered.end
      asked += 1
    }
    #expect(asked == 13, "three right answers each, and one wrong one")
    #expect(end?.cause == .lastCard && end?.learnedCards == 4 && end?.cardsSeen == 4)
    #expect(study.cards[0].previews(at: now, mode: .due, settings: study.settings).isEmpty)
    #expect(study.cards.allSatisfy { $0.memory != nil }, "FSRS follows, for a learner who changes over")
  }

  @Test func limitsHoldNewCardsBack() throws {
    let study = try study((1...9).map { StudyCard(id: $0, position: 0) }, new: 3)
    #expect(study.queue(at: Learner.noon).entries.map(\.card) == [1, 2, 3])
    let all = try self.study((1...9).map { StudyCard(id: $0, position: 0) }, new: 3, mode: .all)
    #expect(all.queue(at: Learner.noon).entries.count == 9)
    let counts = DueCounts(study.cards, settings: study.settings, tally: DailyTally(newCards: 1), at: Learner.noon)
    #expect(counts.new == 2 && counts.learning == 0 && counts.due == 0 && counts.overdue == 0)
  }

  @Test func aLearnedDeckBeginsAfresh() {
    let learned = (1...3).map { StudyCard(id: $0, position: 0, record: record([true, true, true])) }
    #expect(StudyCard.beginningCycle(learned).allSatisfy { $0.record.isFresh })
    let mixed = learned + [StudyCard(id: 4, position: 0)]
    #expect(StudyCard.beginningCycle(mixed) == mixed)
  }

  /// The database has the heaviest cards by it, whatever the hour.
  @Test func ranksAreInTheOrderOfTheWeights() {
    var random = SeededGenerator(state: 5)
    let records = (0..<60).map { _ in
      let answers = (0...Int.random(in: 0..<6, using: &random)).map { _ in Bool.random(using: &random) }
      return record(answers, hoursAgo: Double.random(in: 0...900, using: &random))
    }
    for later in [0, 3, 5000.0] {
      let moment = Learner.noon.after(minutes: 60 * later)
      for (one, other) in zip(records, records.dropFirst()) {
        let difference = one.weight(at: moment) - other.weight(at: moment)
        #expect(abs(difference - (one.rank - other.rank)) < 1e-6)
      }
    }
    #expect(AnswerRecord.fresh.rank == 0)
  }
}
