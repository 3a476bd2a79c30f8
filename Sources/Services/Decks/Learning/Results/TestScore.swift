/// What a test came to, computed here and not by who took it.
package struct TestScore: Sendable, Equatable {
  package struct CardResult: Sendable, Equatable {
    package let card: Int64
    package let correct: Bool
    package let answerTimeSeconds: Double

    package init(card: Int64, correct: Bool, answerTimeSeconds: Double) {
      self.card = card
      self.correct = correct
      self.answerTimeSeconds = answerTimeSeconds
    }
  }

  package let cardsTotal: Int
  package let cardsCorrect: Int

  /// 0…1; 0 for a test without cards.
  package var correctRate: Double { cardsTotal == 0 ? 0 : Double(cardsCorrect) / Double(cardsTotal) }

  /// - Parameter deck: the cards that the deck has now.
  package init(
    _ results: [CardResult], totalTimeSeconds: Double, deck: Set<Int64>
  ) throws(TestScoreError) {
    guard totalTimeSeconds.isFinite, totalTimeSeconds >= 0 else { throw .badTotalTime }
    let foreign = results.map(\.card).filter { !deck.contains($0) }
    guard foreign.isEmpty else { throw .foreignCards(foreign) }
    var seen: Set<Int64> = []
    for (index, result) in results.enumerated() {
      guard seen.insert(result.card).inserted else { throw .repeatedCard(index: index) }
      guard result.answerTimeSeconds.isFinite, result.answerTimeSeconds >= 0 else { throw .badTime(index: index) }
    }
    cardsTotal = results.count
    cardsCorrect = results.count { $0.correct }
  }
}

package enum TestScoreError: Error, Equatable, CustomStringConvertible {
  /// Cards that are not of the deck, in the order given.
  case foreignCards([Int64])
  case repeatedCard(index: Int)
  case badTime(index: Int)
  case badTotalTime

  package var description: String {
    switch self {
    case .foreignCards(let cards):
      "some cards are not of this deck: \(cards.map(String.init).joined(separator: ", "))"
    case .repeatedCard(let index): "card_results[\(index)] is of a card that came before"
    case .badTime(let index): "card_results[\(index)].answer_time_seconds must be a number from 0"
    case .badTotalTime: "total_time_seconds must be a number from 0"
    }
  }
}
