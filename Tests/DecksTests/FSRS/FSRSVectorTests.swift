import CivilTime
import Decks
import Testing

/// Equal to the reference: stability, difficulty and retrievability within 1e-9, phases, steps and due moments exactly.
@Suite struct FSRSVectorTests {
  private let vectors: FSRSVectors

  init() throws { vectors = try FSRSVectors.read() }

  private func isClose(_ value: Double, _ expected: Double) -> Bool {
    abs(value - expected) <= 1e-9 * abs(expected)
  }

  @Test func historiesAreTheReferences() throws {
    #expect(vectors.histories.count == 62)
    var (compared, capped) = (0, 0)
    for history in vectors.histories {
      let scheduler = try vectors.scheduler(history.scheduler)
      var memory: CardMemory?
      for (index, review) in history.reviews.enumerated() {
        let place = "\(history.name)[\(index)]"
        if let memory {
          #expect(memory.daysSinceReview(at: review.at) == review.days, "\(place)")
          let known = scheduler.retrievability(of: memory, at: review.at)
          #expect(isClose(known, try #require(review.retrievability)), "\(place): retrievability \(known)")
        }
        let next = scheduler.review(memory, review.rating, at: review.at)
        #expect(next.phase == review.phase && next.dueAt == review.dueAt && next.lastReviewAt == review.at, "\(place)")
        #expect(next.reviews == index + 1)
        #expect(isClose(next.difficulty, review.difficulty), "\(place): difficulty \(next.difficulty)")
        if review.stability > 36_500 {
          // The reference goes on; here, as in the other libraries, S ends there. From its own state we go on beside it.
          #expect(next.stability == 36_500, "\(place)")
          capped += 1
          memory = review.memory(reviews: index + 1)
        } else {
          #expect(isClose(next.stability, review.stability), "\(place): stability \(next.stability)")
          memory = next
        }
        compared += 1
      }
    }
    #expect(compared == 503 && capped < 30)
  }

  @Test func retrievabilityIsTheReferences() {
    #expect(vectors.retrievability.count == 42)
    let model = MemoryModel(.standard)
    for point in vectors.retrievability {
      let known = model.retrievability(afterDays: Int(point[1]), stability: point[0])
      #expect(isClose(known, point[2]), "\(point): \(known)")
    }
  }

  @Test func intervalsAreTheReferences() {
    #expect(vectors.intervals.count == 56)
    let model = MemoryModel(.standard)
    for point in vectors.intervals {
      let days = model.interval(stability: point[0], retention: point[1], longest: 36_500)
      #expect(days == Int(point[2]), "\(point): \(days)")
    }
  }

  @Test func fuzzStaysWithinTheReferencesRanges() {
    #expect(vectors.fuzzRanges.count == 15)
    for point in vectors.fuzzRanges {
      let range = IntervalFuzz.range(of: point[0], longest: 36_500)
      #expect(range == point[1]...point[2], "\(point): \(range)")
      let cards = Int64(0)..<2000
      let taken = Set(cards.map { IntervalFuzz(card: $0, reviews: 7).spread(point[0], longest: 36_500) })
      #expect(taken.allSatisfy { range.contains($0) } && (range.count > 50 || taken.count == range.count), "\(point)")
    }
    for days in 1...2 { #expect(IntervalFuzz(card: 1, reviews: 1).spread(days, longest: 36_500) == days) }
  }

  @Test func parametersHaveBounds() throws {
    #expect(throws: FSRSParameterError.wrongCount(20)) {
      try FSRSParameters(Array(FSRSParameters.standard.weights.dropLast()))
    }
    #expect(try FSRSParameters(FSRSParameters.standard.weights) == .standard)
    for index in 0..<21 {
      let bounds = FSRSParameters.bounds[index]
      for wrong in [bounds.lowerBound.nextDown, bounds.upperBound.nextUp, .nan, .infinity] {
        var weights = FSRSParameters.standard.weights
        weights[index] = wrong
        #expect(throws: FSRSParameterError.self, "w\(index) = \(wrong)") { try FSRSParameters(weights) }
      }
    }
  }
}
