import Decks
import Testing

@Suite struct TestScoreTests {
  private func result(_ card: Int64, _ correct: Bool = true, _ seconds: Double = 2) -> TestScore.CardResult {
    TestScore.CardResult(card: card, correct: correct, answerTimeSeconds: seconds)
  }

  @Test func theScoreIsTheShareThatWasRight() throws {
    let score = try TestScore([result(1), result(2, false), result(3)], totalTimeSeconds: 9, deck: [1, 2, 3, 4])
    #expect(score.cardsTotal == 3 && score.cardsCorrect == 2 && score.correctRate == 2.0 / 3)
    #expect(try TestScore([], totalTimeSeconds: 0, deck: [1]).correctRate == 0)
  }

  @Test func whatCannotBeIsRefusedWithItsPlace() {
    func refusal(_ results: [TestScore.CardResult], total: Double = 9) -> TestScoreError? {
      do throws(TestScoreError) {
        _ = try TestScore(results, totalTimeSeconds: total, deck: [1, 2])
        return nil
      } catch { return error }
    }
    #expect(refusal([result(1), result(9), result(8)]) == .foreignCards([9, 8]))
    #expect(refusal([result(1), result(2), result(1)]) == .repeatedCard(index: 2))
    for wrong in [-1, Double.nan, .infinity] {
      #expect(refusal([result(1), result(2, true, wrong)]) == .badTime(index: 1))
      #expect(refusal([result(1)], total: wrong) == .badTotalTime)
    }
    #expect(
      TestScoreError.badTime(index: 1).description == "card_results[1].answer_time_seconds must be a number from 0")
  }
}
