import CivilTime
import Postgres

/// How a learner's knowledge of a card is kept in `schedules`.
enum StoredCard {
  /// Of rows `c` of cards and `q` of schedules, which may be missing.
  static let columns = """
    c.id, c.order_index, q.phase, q.step, q.stability, q.difficulty, q.last_review_at, q.due_at, q.reviews, q.successes, \
    q.failures, q.streak, q.last_answered_at
    """

  /// All cards of the deck $1, as the learner $2 knows them.
  static let ofDeck = PostgresStatement(
    "schedules.ofDeck",
    """
    SELECT \(columns) FROM cards c LEFT JOIN schedules q ON q.card_id = c.id AND q.user_id = $2 WHERE c.deck_id = $1
    """)

  /// A cycle under `weights` begins afresh: nothing was answered yet.
  static let beginCycle = PostgresStatement(
    "schedules.beginCycle",
    """
    UPDATE schedules SET successes = 0, failures = 0, streak = 0, last_answered_at = NULL, weight_rank = 0
    WHERE user_id = $2 AND deck_id = $1
    """)

  /// Reads ``columns``.
  static func read(_ next: inout PostgresRowReader) throws(PostgresError) -> StudyCard {
    let (id, position) = (try next.next(Int64.self), try next.next(Int.self))
    let phase = try next.next(String?.self)
    let step = try next.next(Int?.self)
    let (stability, difficulty) = (try next.next(Double?.self), try next.next(Double?.self))
    let (lastReviewAt, dueAt) = (try next.momentIfAny(), try next.momentIfAny())
    let counts = [
      try next.next(Int?.self), try next.next(Int?.self), try next.next(Int?.self), try next.next(Int?.self),
    ].map { $0 ?? 0 }
    let lastAnsweredAt = try next.momentIfAny()
    guard let phase, let step, let stability, let difficulty, let lastReviewAt, let dueAt else {
      return StudyCard(id: id, position: position)
    }
    guard let known = CardMemory.Phase(stored: phase, step: step) else {
      throw .protocolViolation("a schedule is in an unknown phase")
    }
    let memory = CardMemory(
      phase: known, stability: stability, difficulty: difficulty, lastReviewAt: lastReviewAt, dueAt: dueAt,
      reviews: counts[0])
    let record = AnswerRecord(
      successes: counts[1], failures: counts[2], streak: counts[3], lastAnsweredAt: lastAnsweredAt)
    return StudyCard(id: id, position: position, memory: memory, record: record)
  }

  /// The columns of `schedules` that ``values(_:)`` are of, in their order.
  static let stored = [
    "phase", "step", "stability", "difficulty", "last_review_at", "due_at", "reviews", "successes", "failures",
    "streak", "last_answered_at", "weight_rank",
  ]

  static func values(_ memory: CardMemory, _ record: AnswerRecord) -> [PostgresValue] {
    [
      .text(memory.phase.stored), .int8(memory.phase.step), .float8(memory.stability), .float8(memory.difficulty),
      .moment(memory.lastReviewAt), .moment(memory.dueAt), .int8(memory.reviews), .int8(record.successes),
      .int8(record.failures), .int8(record.streak), .moment(record.lastAnsweredAt), .float8(record.rank),
    ]
  }
}

extension CardMemory.Phase {
  init?(stored text: String, step: Int) {
    switch text {
    case "learning": self = .learning(step: step)
    case "review": self = .review
    case "relearning": self = .relearning(step: step)
    default: return nil
    }
  }

  var stored: String {
    switch self {
    case .learning: "learning"
    case .review: "review"
    case .relearning: "relearning"
    }
  }

  var step: Int {
    switch self {
    case .learning(let step), .relearning(let step): step
    case .review: 0
    }
  }
}
