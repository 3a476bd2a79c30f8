import CivilTime
import Decks
import Foundation

/// Histories of cards as the reference implementation schedules them; the file says which.
struct FSRSVectors: Decodable {
  struct Scheduler: Decodable {
    let parameters: [Double]
    let retention: Double
    let learningSteps: [Int]
    let relearningSteps: [Int]
    let longest: Int

    private enum CodingKeys: String, CodingKey {
      case parameters, retention, longest
      case learningSteps = "learning_steps"
      case relearningSteps = "relearning_steps"
    }
  }

  struct History: Decodable {
    let name: String
    let scheduler: String
    let reviews: [Review]
  }

  struct Review: Decodable {
    let rating: Rating
    let at: Instant
    let days: Int?
    let retrievability: Double?
    let phase: CardMemory.Phase
    let stability: Double
    let difficulty: Double
    let dueAt: Instant

    init(from decoder: any Decoder) throws {
      var row = try decoder.unkeyedContainer()
      rating = try Rating(rawValue: row.decode(Int.self))!
      let seconds = try row.decode(Int.self)
      at = Instant(seconds: seconds)
      days = try row.decodeNil() ? nil : row.decode(Int.self)
      retrievability = try row.decodeNil() ? nil : row.decode(Double.self)
      let state = try row.decode(String.self)
      let step = try row.decodeNil() ? nil : row.decode(Int.self)
      switch (state, step) {
      case ("learning", let step?): phase = .learning(step: step)
      case ("relearning", let step?): phase = .relearning(step: step)
      case ("review", nil): phase = .review
      default: throw CocoaError(.coderInvalidValue)
      }
      stability = try row.decode(Double.self)
      difficulty = try row.decode(Double.self)
      dueAt = Instant(seconds: seconds + (try row.decode(Int.self)))
    }

    func memory(reviews: Int) -> CardMemory {
      CardMemory(
        phase: phase, stability: stability, difficulty: difficulty, lastReviewAt: at, dueAt: dueAt, reviews: reviews)
    }
  }

  let schedulers: [String: Scheduler]
  let histories: [History]
  /// Stability, days, retrievability.
  let retrievability: [[Double]]
  /// Stability, desired retention, days.
  let intervals: [[Double]]
  /// Days, first, last.
  let fuzzRanges: [[Int]]

  private enum CodingKeys: String, CodingKey {
    case schedulers, histories, retrievability, intervals
    case fuzzRanges = "fuzz_ranges"
  }

  static func read() throws -> FSRSVectors {
    let file = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "fsrs-vectors.json")
    return try JSONDecoder().decode(FSRSVectors.self, from: Data(contentsOf: file))
  }

  func scheduler(_ name: String) throws -> FSRSScheduler {
    let one = schedulers[name]!
    return FSRSScheduler(
      parameters: try FSRSParameters(one.parameters), desiredRetention: one.retention,
      learningSteps: one.learningSteps, relearningSteps: one.relearningSteps, longestInterval: one.longest)
  }
}
