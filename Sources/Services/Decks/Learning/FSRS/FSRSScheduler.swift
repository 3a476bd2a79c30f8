import CivilTime

/// When a card is asked next: FSRS-6 with learning steps. A pure function of the card's memory, the rating and the moment.
package struct FSRSScheduler: Sendable, Equatable {
  package let model: MemoryModel
  private let retention: Double
  private let learningSteps: [Int]
  private let relearningSteps: [Int]
  private let longestInterval: Int

  /// - Parameters:
  ///   - desiredRetention: the probability with which a card is still known when it is due, above 0 and below 1.
  ///   - learningSteps: of a new card, in seconds; none sends it straight to review.
  ///   - relearningSteps: of a forgotten card, in seconds; none leaves it in review.
  ///   - longestInterval: days.
  package init(
    parameters: FSRSParameters = .standard, desiredRetention: Double = 0.9, learningSteps: [Int] = [60, 600],
    relearningSteps: [Int] = [600], longestInterval: Int = 36_500
  ) {
    precondition(desiredRetention > 0 && desiredRetention < 1, "a retention between 0 and 1")
    precondition(
      (learningSteps + relearningSteps).allSatisfy { $0 > 0 } && longestInterval > 0, "steps and intervals last")
    model = MemoryModel(parameters)
    retention = desiredRetention
    self.learningSteps = learningSteps
    self.relearningSteps = relearningSteps
    self.longestInterval = longestInterval
  }

  /// The probability that a card is known now, 0…1.
  package func retrievability(of memory: CardMemory, at moment: Instant) -> Double {
    model.retrievability(afterDays: memory.daysSinceReview(at: moment), stability: memory.stability)
  }

  /// The memory after an answer.
  /// - Parameters:
  ///   - memory: before it; nil for a card that was never answered.
  ///   - moment: of the answer; taken as the last review's where it is earlier.
  ///   - fuzz: spreads intervals of days; none is what the reference has.
  package func review(
    _ memory: CardMemory?, _ rating: Rating, at moment: Instant, fuzz: IntervalFuzz? = nil
  ) -> CardMemory {
    let now = max(moment, memory?.lastReviewAt ?? moment)
    let (stability, difficulty) = strength(of: memory, after: rating, at: now)
    let (phase, wait): (CardMemory.Phase, Int)
    if let (step, milliseconds) = nextStep(memory?.phase ?? .learning(step: 0), rating) {
      (phase, wait) = (step, milliseconds)
    } else {
      let exact = model.interval(stability: stability, retention: retention, longest: longestInterval)
      let days = fuzz?.spread(exact, longest: longestInterval) ?? exact
      (phase, wait) = (.review, days * Instant.millisecondsPerDay)
    }
    return CardMemory(
      phase: phase, stability: stability, difficulty: difficulty, lastReviewAt: now,
      dueAt: now.adding(milliseconds: wait), reviews: (memory?.reviews ?? 0) + 1)
  }

  /// What each of the four ratings would do, from Again to Easy.
  package func previews(
    of memory: CardMemory?, at moment: Instant, fuzz: IntervalFuzz? = nil
  ) -> [ReviewPreview] {
    Rating.allCases.map { rating in
      let next = review(memory, rating, at: moment, fuzz: fuzz)
      return ReviewPreview(rating: rating, dueAt: next.dueAt, answeredAt: next.lastReviewAt)
    }
  }

  private func strength(
    of memory: CardMemory?, after rating: Rating, at moment: Instant
  ) -> (stability: Double, difficulty: Double) {
    guard let memory else { return (model.firstStability(rating), model.firstDifficulty(rating)) }
    let stability = model.stability(
      after: rating, days: memory.daysSinceReview(at: moment), stability: memory.stability,
      difficulty: memory.difficulty)
    return (stability, model.difficulty(after: rating, difficulty: memory.difficulty))
  }

  /// The short step that follows, and how many milliseconds on; nil when the card goes to review.
  private func nextStep(_ phase: CardMemory.Phase, _ rating: Rating) -> (CardMemory.Phase, Int)? {
    switch phase {
    case .learning(let step):
      return Self.step(in: learningSteps, at: step, rating).map { (.learning(step: $0), $1) }
    case .relearning(let step):
      return Self.step(in: relearningSteps, at: step, rating).map { (.relearning(step: $0), $1) }
    case .review:
      guard rating == .again else { return nil }
      return Self.step(in: relearningSteps, at: 0, rating).map { (.relearning(step: $0), $1) }
    }
  }

  /// - Parameter step: may lie beyond the steps, which may have been more when the card came there.
  private static func step(in steps: [Int], at step: Int, _ rating: Rating) -> (step: Int, milliseconds: Int)? {
    guard let first = steps.first else { return nil }
    switch rating {
    case .again: return (0, first * 1000)
    case .hard:
      guard step < steps.count else { return nil }
      if step > 0 { return (step, steps[step] * 1000) }
      return (0, steps.count == 1 ? first * 1500 : (first + steps[1]) * 500)
    case .good: return step + 1 < steps.count ? (step + 1, steps[step + 1] * 1000) : nil
    case .easy: return nil
    }
  }
}
