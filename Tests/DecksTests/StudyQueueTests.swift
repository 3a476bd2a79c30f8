import CivilTime
import Decks
import Testing

@Suite struct StudyQueueTests {
  private let noon = Learner.noon

  private func queue(
    _ cards: [StudyCard], _ mode: StudyMode = .due, new: Int = 20, reviews: Int = 200, tally: DailyTally = DailyTally(),
    seen: [Int64] = [], known: Set<Int64> = []
  ) throws -> [Int64] {
    let session = StudySession(
      mode: mode, startedAt: noon, lastActivityAt: noon, activeMilliseconds: 0, seen: seen, known: known, end: nil)
    let settings = try Learner.settings(new: new, reviews: reviews)
    return StudyQueue(cards, for: session, settings: settings, tally: tally, at: noon).entries.map(\.card)
  }

  private func counts(_ cards: [StudyCard], new: Int = 20, reviews: Int = 200, tally: DailyTally = DailyTally()) throws
    -> DueCounts
  {
    DueCounts(cards, settings: try Learner.settings(new: new, reviews: reviews), tally: tally, at: noon)
  }

  /// New cards 1 to 3, out of order in the deck; at a step, due and not; in review, due and not.
  private var deck: [StudyCard] {
    [
      StudyCard(id: 1, position: 30), StudyCard(id: 2, position: 10), StudyCard(id: 3, position: 20),
      Learner.learning(10, dueInMinutes: -1), Learner.learning(11, dueInMinutes: -5),
      Learner.learning(12, dueInMinutes: 15),
      Learner.learning(13, dueInMinutes: 40), Learner.learning(14, dueInMinutes: 2000),
      Learner.review(20, ago: 20, due: -2), Learner.review(21, ago: 40, due: -5), Learner.review(22, ago: 10, due: 0.1),
      Learner.review(23, ago: 5, due: 2), Learner.review(24, stability: 2, ago: 9, due: -1),
    ]
  }

  @Test func stepsThenTheMostForgottenThenNewOnes() throws {
    #expect(try queue(deck) == [11, 10, 24, 21, 20, 22, 2, 3, 1, 12])
    #expect(try counts(deck) == counts(deck.reversed()))
    // What is due later does not count, and new cards only by their number.
    let due = deck.filter { $0.memory.map { $0.dueAt < noon.after(days: 1) } ?? false }
    #expect(
      try DueCounts(studied: due, newCards: 3, settings: Learner.settings(), tally: DailyTally(), at: noon)
        == counts(deck))
    let counts = try counts(deck)
    #expect(counts.new == 3 && counts.learning == 4 && counts.due == 4 && counts.overdue == 3)
  }

  @Test func limitsAreWhatIsLeftOfToday() throws {
    let tally = DailyTally(newCards: 4, reviews: 8)
    #expect(try queue(deck, new: 6, reviews: 9, tally: tally) == [11, 10, 24, 2, 3, 12])
    let some = try counts(deck, new: 6, reviews: 9, tally: tally)
    #expect(some.new == 2 && some.due == 1 && some.overdue == 1 && some.learning == 4)
    #expect(try queue(deck, new: 0, reviews: 0) == [11, 10, 12])
    #expect(
      try queue(deck, new: 3, reviews: 7, tally: tally) == [11, 10, 12], "what is over the limit is not negative")
  }

  /// Due is due on the learner's day: at noon in UTC it is 17:30 in Kolkata, whose day ends 10.5 hours later.
  @Test func reviewsAreDueOnTheLearnersDay() throws {
    let cards = [Learner.review(1, ago: 5, due: 10.4 / 24), Learner.review(2, ago: 5, due: 10.6 / 24)]
    for (zone, due) in [("Asia/Kolkata", 1), ("UTC", 2)] {
      let settings = try Learner.settings(zone: zone)
      let counts = DueCounts(cards, settings: settings, tally: DailyTally(), at: noon)
      #expect(counts.due == due && counts.overdue == 0, "\(zone)")
    }
  }

  @Test func allAsksEveryCardOnceWhateverTheLimits() throws {
    #expect(try queue(deck, .all, new: 0, reviews: 0) == [11, 10, 24, 21, 20, 22, 23, 2, 3, 1, 12, 13, 14])
    #expect(try queue(deck, .all, seen: [24, 21, 22, 14]) == [11, 10, 20, 23, 2, 3, 1, 12, 13])
    #expect(try queue(deck, .all, seen: deck.map(\.id)) == [11, 10, 2, 3, 1, 12], "steps are gone through")
  }

  @Test func crammingAsksUntilEachWasRight() throws {
    let order: [Int64] = [2, 10, 11, 12, 13, 14, 3, 20, 21, 22, 23, 24, 1]
    #expect(try queue(deck, .cram, new: 0, reviews: 0) == order)
    #expect(
      try queue(deck, .cram, seen: [20, 2, 10], known: [10]) == order.filter { ![20, 2, 10].contains($0) } + [20, 2])
    #expect(try queue(deck, .cram, seen: order, known: Set(order)) == [])
  }

  @Test func kindsSayWhatACardWas() throws {
    let session = StudySession(mode: .due, startedAt: noon)
    let entries = StudyQueue(deck, for: session, settings: .standard, tally: DailyTally(), at: noon).entries
    #expect(entries.first?.kind == .learning && entries[2].kind == .review && entries[7].kind == .new)
    var tally = DailyTally()
    for entry in entries { tally.count(entry.kind) }
    #expect(tally == DailyTally(newCards: 3, reviews: 4))
  }

  @Test func previewsAreFourUnlessNothingIsScheduled() {
    let card = StudyCard(id: 1, position: 0)
    let previews = card.previews(at: noon, mode: .due, settings: .standard)
    #expect(previews.map(\.rating) == [.again, .hard, .good, .easy])
    #expect(previews.map(\.intervalSeconds) == [60, 330, 600, 8 * 86_400])
    #expect(previews.map(\.dueAt.seconds) == previews.map { noon.seconds + $0.intervalSeconds })
    #expect(card.previews(at: noon, mode: .cram, settings: .standard).isEmpty)
  }

  @Test func eventsTellHowAnAnswerStoodToTheSchedule() throws {
    let first = StudyCard(id: 1, position: 0).answered(.easy, at: noon, mode: .due, settings: .standard)
    #expect(first.fields.sincePreviousSeconds == nil && first.fields.scheduledDays == nil)
    #expect(first.fields.stability == nil && first.fields.retrievability == nil)
    #expect(first.fields.dueAt == noon.after(days: 8))
    let later = noon.after(days: 9.5)
    let second = first.card.answered(.hard, at: later, mode: .all, settings: .standard)
    #expect(second.fields.sincePreviousSeconds == 820_800 && second.fields.scheduledDays == 8)
    #expect(second.fields.stability == 8.2956 && second.fields.dueAt == second.card.memory?.dueAt)
    let known = try #require(second.fields.retrievability)
    let memory = try #require(first.card.memory)
    #expect(known == FSRSScheduler().retrievability(of: memory, at: later) && known < 0.9)
    let third = second.card.answered(.again, at: later, mode: .cram, settings: .standard)
    #expect(third.card == second.card, "cramming writes no schedule")
    #expect(third.fields.dueAt == second.card.memory?.dueAt && third.fields.stability == nil)
  }
}
