import CivilTime
import Foundation
import Postgres

/// An answer as its row has it. The reply is made of nothing else, so that a repeat gets the same bytes.
struct StoredAnswer: Sendable, Equatable {
  let id: UUID
  let submission: AnswerSubmission
  let answeredAt: Instant
  /// When the card is due now; nil under a scheduler without due dates, and for a card without a schedule.
  let dueAt: Instant?
  /// Of the session, this answer included.
  let cardsSeen: Int
  let cardsKnown: Int
  /// It was the session's last card.
  let endsSession: Bool

  /// What the learner $1 sent under the id $2.
  static let byID = PostgresStatement(
    "answers.byID",
    """
    SELECT session_id, card_id, correct, rating, answer_time_ms, answered_at, due_at, cards_seen, cards_known, ends_session
    FROM answers WHERE user_id = $1 AND answer_id = $2
    """)

  init(
    id: UUID, submission: AnswerSubmission, answeredAt: Instant, dueAt: Instant?, cardsSeen: Int, cardsKnown: Int,
    endsSession: Bool
  ) {
    self.id = id
    self.submission = submission
    self.answeredAt = answeredAt
    self.dueAt = dueAt
    self.cardsSeen = cardsSeen
    self.cardsKnown = cardsKnown
    self.endsSession = endsSession
  }

  /// - Parameter row: of ``byID``.
  init(_ row: PostgresRow, id: UUID) throws {
    var next = row.reader
    let (session, card) = (try next.next(Int64.self), try next.next(Int64.self))
    let correct = try next.next(Bool.self)
    let rating = try next.next(Int16?.self).flatMap { Rating(rawValue: Int($0)) }
    let time = try AnswerTime(seconds: Double(next.next(Int.self)) / 1000)
    self.init(
      id: id,
      submission: AnswerSubmission(session: session, card: card, correct: correct, rating: rating, time: time),
      answeredAt: try next.moment(), dueAt: try next.momentIfAny(), cardsSeen: try next.next(),
      cardsKnown: try next.next(), endsSession: try next.next())
  }
}
