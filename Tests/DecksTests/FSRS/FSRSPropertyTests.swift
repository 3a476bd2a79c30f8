import CivilTime
import Decks
import Testing

/// What holds for every history, tried on seeded random ones.
@Suite struct FSRSPropertyTests {
  /// After a rating, days to years pass, or minutes, or the clock goes back.
  private static func pause(_ random: inout SeededGenerator) -> Double {
    switch Int.random(in: 0..<4, using: &random) {
    case 0: Double.random(in: -5...30, using: &random)
    case 1: Double.random(in: 0...2880, using: &random)
    default: Double.random(in: 0...1440 * 400, using: &random)
    }
  }

  @Test(arguments: 0..<40) func everyHistoryKeepsTheRules(seed: UInt64) {
    var random = SeededGenerator(state: seed)
    let scheduler = FSRSScheduler(desiredRetention: Double.random(in: 0.70...0.97, using: &random))
    for card in Int64(0)..<25 {
      var memory: CardMemory?
      var now = Learner.noon
      for review in 0..<30 {
        now = now.after(minutes: Self.pause(&random))
        let fuzz = Bool.random(using: &random) ? IntervalFuzz(card: card, reviews: review) : nil
        let previews = scheduler.previews(of: memory, at: now, fuzz: fuzz)
        #expect(previews.map(\.rating) == Rating.allCases)
        for (shorter, longer) in zip(previews, previews.dropFirst()) {
          #expect(shorter.dueAt <= longer.dueAt, "seed \(seed): \(longer.rating) comes before \(shorter.rating)")
        }
        if let memory { #expect((0.0...1.0).contains(scheduler.retrievability(of: memory, at: now))) }
        let rating = Rating.allCases.randomElement(using: &random)!
        let next = scheduler.review(memory, rating, at: now, fuzz: fuzz)
        #expect(next.dueAt == previews[rating.rawValue - 1].dueAt, "the preview is the result")
        #expect(next.dueAt > now && next.lastReviewAt >= now)
        #expect(next.dueAt.milliseconds - next.lastReviewAt.milliseconds <= 36_500 * 86_400_000)
        #expect((0.001...36_500).contains(next.stability) && (1...10).contains(next.difficulty))
        if next.phase.isReview {
          #expect((next.dueAt.milliseconds - next.lastReviewAt.milliseconds) % 86_400_000 == 0)
        }
        memory = next
      }
    }
  }

  @Test func aMemoryFadesAndIsAtThePromisedRetentionWhenDue() {
    let model = MemoryModel(.standard)
    for stability in [0.001, 0.5, 3, 40, 36_500] {
      let curve = (0...1000).map { model.retrievability(afterDays: $0 * 40, stability: stability) }
      #expect(curve[0] == 1 && zip(curve, curve.dropFirst()).allSatisfy { $0 > $1 } && curve.last! > 0)
    }
    for retention in [0.70, 0.9, 0.97] {
      let days = model.interval(stability: 1000, retention: retention, longest: 36_500)
      #expect(abs(model.retrievability(afterDays: days, stability: 1000) - retention) < 0.001)
    }
  }

  @Test func stepsThatBecameFewerSendACardToReview() {
    let memory = CardMemory(
      phase: .learning(step: 5), stability: 3, difficulty: 5, lastReviewAt: Learner.noon, dueAt: Learner.noon,
      reviews: 5)
    let now = Learner.noon.after(minutes: 5)
    let scheduler = FSRSScheduler()
    for rating in [Rating.hard, .good, .easy] { #expect(scheduler.review(memory, rating, at: now).phase == .review) }
    #expect(scheduler.review(memory, .again, at: now).phase == .learning(step: 0))
  }

  @Test func aBinaryAnswerIsAgainOrGood() {
    #expect(Rating(correct: false) == .again && Rating(correct: true) == .good)
  }
}
