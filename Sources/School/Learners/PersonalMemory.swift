import CivilTime
import Decks

/// What one person really remembers of the cards he was asked. It fades, and grows by answers, as FSRS says (the platform's own
/// formulas); but whether he knows a card is drawn, not scheduled.
package struct PersonalMemory: Sendable {
  package static let strengths = 0.3...3.0

  private let scheduler: FSRSScheduler
  private var cards: [Int64: CardMemory] = [:]
  /// How likely he knows a card that he was never asked.
  private let prior: Double
  /// How likely he misses a card that he knows.
  private let slip: Double

  /// - Parameters:
  ///   - strength: 1 for the average person of FSRS; the stability of a first impression is that many times the average.
  ///   - prior: 0…1.
  ///   - slip: 0…1.
  package init(strength: Double = 1, prior: Double, slip: Double) {
    let factor = min(max(strength, Self.strengths.lowerBound), Self.strengths.upperBound)
    var weights = FSRSParameters.standard.weights
    for rating in Rating.allCases { weights[rating.rawValue - 1] *= factor }
    guard let parameters = try? FSRSParameters(weights) else { preconditionFailure("strengths keep within the bounds") }
    scheduler = FSRSScheduler(parameters: parameters)
    self.prior = prior
    self.slip = slip
  }

  /// How likely the person answers a card right at that moment, 0…1.
  package func recall(of card: Int64, at moment: Instant) -> Double {
    guard let memory = cards[card] else { return prior }
    return (1 - slip) * scheduler.retrievability(of: memory, at: moment)
  }

  /// The person was asked the card, and saw its answer.
  package mutating func answered(_ card: Int64, rating: Int, at moment: Instant) {
    guard let rating = Rating(rawValue: rating) else { preconditionFailure("a rating from 1 to 4") }
    cards[card] = scheduler.review(cards[card], rating, at: moment)
  }

  /// Cards that he was asked, by their ids.
  package var known: [Int64] { cards.keys.sorted() }
}
