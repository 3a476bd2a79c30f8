import CivilTime
import Postgres

/// A test that a learner took.
struct TestResult: Sendable {
  let id: Int64
  let learner: Int64
  let deck: Int64
  let cardsTotal: Int
  let cardsCorrect: Int
  let totalTimeSeconds: Double
  let completedAt: Instant

  /// 0…1.
  var correctRate: Double { cardsTotal == 0 ? 0 : Double(cardsCorrect) / Double(cardsTotal) }

  static let columns =
    "r.id, r.user_id, r.deck_id, r.cards_total, r.cards_correct, r.total_time_seconds, r.completed_at"

  init(
    id: Int64, learner: Int64, deck: Int64, score: TestScore, totalTimeSeconds: Double, completedAt: Instant
  ) {
    (self.id, self.learner, self.deck) = (id, learner, deck)
    (cardsTotal, cardsCorrect) = (score.cardsTotal, score.cardsCorrect)
    (self.totalTimeSeconds, self.completedAt) = (totalTimeSeconds, completedAt)
  }

  init(_ row: PostgresRow) throws(PostgresError) {
    var next = row.reader
    (id, learner, deck) = (try next.next(), try next.next(), try next.next())
    (cardsTotal, cardsCorrect) = (try next.next(), try next.next())
    (totalTimeSeconds, completedAt) = (try next.next(), try next.moment())
  }
}

/// A test as its learner sends it.
struct TestSubmission: Sendable {
  struct Answer: Sendable {
    let result: TestScore.CardResult
    let text: String?
  }

  let totalTimeSeconds: Double
  let answers: [Answer]
}
