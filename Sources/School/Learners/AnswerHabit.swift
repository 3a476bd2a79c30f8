import Glibc
import LoadGenerator
import PlatformClient

/// How a person answers: how fast, and how he rates himself.
package struct AnswerHabit: Sendable, Equatable {
  /// For a card that he knows well.
  package let medianSeconds: Double
  /// How readily he takes “easy” for what he knew: 0…1.
  package let confidence: Double

  package init(medianSeconds: Double, confidence: Double) {
    self.medianSeconds = medianSeconds
    self.confidence = confidence
  }

  /// An answer to a card.
  /// - Parameter recall: how likely it is right, 0…1.
  package func answer(recall: Double, using random: inout SeededGenerator) -> CardAnswer {
    let isCorrect = random.chance(recall)
    // What is hardly known takes longer, and what is not known longest: one searches before one gives up.
    let hesitation = 1 + 1.5 * (1 - recall) + (isCorrect ? 0 : 0.8)
    let seconds = medianSeconds * hesitation * exp(0.45 * random.gaussian())
    return CardAnswer(
      isCorrect: isCorrect, rating: rating(isCorrect, recall, &random),
      seconds: (min(max(seconds, 0.6), 180) * 100).rounded() / 100)
  }

  private func rating(_ isCorrect: Bool, _ recall: Double, _ random: inout SeededGenerator) -> Int {
    guard isCorrect else { return 1 }
    if random.chance(0.08 + 0.5 * (1 - recall)) { return 2 }
    return random.chance(confidence * recall) ? 4 : 3
  }
}

extension SeededGenerator {
  /// Of mean 0 and deviation 1 (Box and Muller).
  mutating func gaussian() -> Double {
    let radius = (-2 * log(max(unit(), .leastNormalMagnitude))).squareRoot()
    return radius * cos(2 * .pi * unit())
  }

  /// A number between two, all alike.
  mutating func between(_ low: Double, _ high: Double) -> Double { low + (high - low) * unit() }

  /// One of several, which are not none.
  mutating func pick<Element>(_ elements: [Element]) -> Element { elements[below(elements.count)] }
}
