import Glibc

/// The formulas of FSRS-6: how a memory fades, and what an answer does to it.
///
/// Stability S is the number of days after which a card is still known with probability 0.9; difficulty D is 1…10. Days are
/// whole spans of 24 hours. Source: the FSRS-6 algorithm as py-fsrs 6.3.2 computes it; S is capped as fsrs-rs does.
package struct MemoryModel: Sendable, Equatable {
  static let stabilities = 0.001...36_500.0
  static let difficulties = 1.0...10.0

  private let w: FSRSParameters
  private let decay: Double
  private let factor: Double

  package init(_ parameters: FSRSParameters) {
    w = parameters
    decay = -parameters[20]
    factor = pow(0.9, 1 / decay) - 1
  }

  /// The probability that a card is still known, 0…1.
  package func retrievability(afterDays days: Int, stability: Double) -> Double {
    pow(1 + factor * Double(max(0, days)) / stability, decay)
  }

  /// Days after which a card is known with probability `retention`, 1 to `longest`; halves are rounded to even.
  package func interval(stability: Double, retention: Double, longest: Int) -> Int {
    let days = (stability / factor) * (pow(retention, 1 / decay) - 1)
    return Int(min(max(days.rounded(.toNearestOrEven), 1), Double(longest)))
  }

  func firstStability(_ rating: Rating) -> Double { clamped(w[rating.rawValue - 1]) }

  func firstDifficulty(_ rating: Rating) -> Double { unclampedFirstDifficulty(rating).clamped(to: Self.difficulties) }

  /// - Parameter days: since the review before; 0 within the first 24 hours, where another formula holds.
  func stability(after rating: Rating, days: Int, stability: Double, difficulty: Double) -> Double {
    guard days >= 1 else { return clamped(stability * sameDayIncrease(rating, stability)) }
    let forgotten = 1 - retrievability(afterDays: days, stability: stability)
    guard rating != .again else { return clamped(lapsed(stability, difficulty, forgotten)) }
    let increase =
      exp(w[8]) * (11 - difficulty) * pow(stability, -w[9]) * (exp(forgotten * w[10]) - 1)
      * (rating == .hard ? w[15] : 1) * (rating == .easy ? w[16] : 1)
    return clamped(stability * (1 + increase))
  }

  func difficulty(after rating: Rating, difficulty: Double) -> Double {
    let change = -w[6] * Double(rating.rawValue - 3)
    let damped = difficulty + (10 - difficulty) * change / 9
    let reverted = w[7] * unclampedFirstDifficulty(.easy) + (1 - w[7]) * damped
    return reverted.clamped(to: Self.difficulties)
  }

  private func unclampedFirstDifficulty(_ rating: Rating) -> Double {
    w[4] - exp(w[5] * Double(rating.rawValue - 1)) + 1
  }

  /// An answer that was right never lowers S, Hard included.
  private func sameDayIncrease(_ rating: Rating, _ stability: Double) -> Double {
    let increase = exp(w[17] * (Double(rating.rawValue - 3) + w[18])) * pow(stability, -w[19])
    return rating == .again ? increase : max(1, increase)
  }

  private func lapsed(_ stability: Double, _ difficulty: Double, _ forgotten: Double) -> Double {
    let long = w[11] * pow(difficulty, -w[12]) * (pow(stability + 1, w[13]) - 1) * exp(forgotten * w[14])
    return min(long, stability / exp(w[17] * w[18]))
  }

  private func clamped(_ stability: Double) -> Double { stability.clamped(to: Self.stabilities) }
}

extension Double {
  fileprivate func clamped(to range: ClosedRange<Double>) -> Double {
    Swift.min(Swift.max(self, range.lowerBound), range.upperBound)
  }
}
