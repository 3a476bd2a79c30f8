import CivilTime
import Postgres

/// Writes an answer and all that it changes, in one statement.
struct AnswerWriting {
  let learner: Int64
  let deck: Int64
  let answer: StoredAnswer
  let study: Study
  let answered: Study.Answered
  /// What the card was before; nil where the answer counts against no limit.
  let kind: CardKind?
  let number: Int
  let day: Range<Instant>
  /// Where the search for a card that was not asked begins from now on; nil leaves it.
  let unasked: Unasked?

  /// A place in a deck as it was in a version.
  struct Unasked {
    let version: Int64
    let index: Int
    let card: Int64

    static let lastIndex = Int(Int32.max)
    static let lastCard = Int64.max
  }

  func callAsFunction() -> PostgresCall {
    let memory = answered.card.memory
    guard kind != nil, let memory else { return PostgresCall(statement: Self.unscheduled, values: values) }
    return PostgresCall(
      statement: Self.scheduled, values: values + StoredCard.values(memory, answered.card.record))
  }

  private var values: [PostgresValue] {
    let (given, session) = (answer.submission, study.session)
    return [
      .int8(learner), .uuid(answer.id), .int8(given.session), .int8(deck), .int8(given.card), .int8(number),
      .bool(given.correct), .int2(given.rating.map { Int16($0.rawValue) }), .int8(given.time.milliseconds),
      .moment(answer.answeredAt), .text(kind?.rawValue), .bool(session.known.contains(given.card)),
      .moment(answer.dueAt), .int8(answer.cardsSeen), .int8(answer.cardsKnown), .bool(answer.endsSession),
      .int8(session.activeMilliseconds), .moment(session.end?.at), .text(session.end?.cause.rawValue),
      .int8(session.end.map { Int64($0.durationSeconds) }), .int8(unasked?.version),
      .int8(unasked.map { Int64($0.index) }), .int8(unasked?.card), .moment(day.lowerBound), .moment(day.upperBound),
      .int8(study.tally.newCards), .int8(study.tally.reviews),
    ]
  }

  /// The first of the parameters that a schedule has.
  private static let firstOfSchedule = 28

  private static let answerInserted = """
    answered AS (
      INSERT INTO answers (user_id, answer_id, session_id, deck_id, card_id, number, correct, rating, answer_time_ms,
        answered_at, kind, is_known, due_at, cards_seen, cards_known, ends_session)
      VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)
    ), studied AS (
      UPDATE learning_sessions SET last_activity_at = $10, active_ms = $17, answers = $6, cards_seen = $14,
        cards_known = $15, ended_at = $18, end_cause = $19, duration_sec = $20,
        unasked_version = coalesce($21, unasked_version), unasked_index = coalesce($22, unasked_index),
        unasked_card = coalesce($23, unasked_card), touched_at = clock_timestamp()
      WHERE id = $3
    )
    """
  private static let learnerUpdated = """
    UPDATE learners SET day_from = $24, day_to = $25, new_today = $26, reviews_today = $27 WHERE user_id = $1
    """

  private static let unscheduled = PostgresStatement(
    "answers.writeUnscheduled", "WITH \(answerInserted) \(learnerUpdated)")
  private static let scheduled = PostgresStatement(
    "answers.write",
    """
    WITH \(answerInserted), scheduled AS (
      INSERT INTO schedules (card_id, user_id, deck_id, \(StoredCard.stored.joined(separator: ", ")))
      VALUES ($5, $1, $4, \(StoredCard.stored.indices.map { "$\(firstOfSchedule + $0)" }.joined(separator: ", ")))
      ON CONFLICT (card_id, user_id) DO UPDATE
      SET \(StoredCard.stored.map { "\($0) = excluded.\($0)" }.joined(separator: ", "))
    ) \(learnerUpdated)
    """)
}
