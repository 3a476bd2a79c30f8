import CivilTime
import Postgres

extension LearningStore {
  /// A learner's day.
  struct Today: Sendable {
    let settings: LearningSettings
    let tally: DailyTally
    let streak: Streak
    /// Decks that he owns or has answered cards of, the newest first.
    let decks: [DueDeck]
  }

  struct DueDeck: Sendable {
    let id: Int64
    let title: String
    let counts: DueCounts
  }

  /// The most decks that are counted.
  static let mostDueDecks = 500

  /// What is due today, by deck.
  func due(_ request: Request) async throws -> Today {
    let learner = try request.caller.person()
    let known = try StoredLearner(
      try await pool.run(StoredLearner.read(.int8(learner)), until: request.deadline).first, zones)
    let day = try await day(of: request.now, for: known, learner) { try await pool.run($0, until: request.deadline) }
    let rows = try await pool.run(
      [
        PostgresCall(
          statement: Self.decks,
          values: [.int8(learner)] + DeckAccess(request.caller).parameters + [.int8(Self.mostDueDecks)]),
        Self.dueCards(.int8(learner), .moment(day.span.upperBound)), StoredLearner.studyDays(.int8(learner)),
      ], until: request.deadline)
    var due: [Int64: [StudyCard]] = [:]
    if known.settings.scheduler == .fsrs6 {
      for row in rows[1] {
        var next = row.reader
        let deck = try next.next(Int64.self)
        due[deck, default: []].append(try StoredCard.read(&next))
      }
    }
    let decks = try rows[0].map { row in try deck(row, due, known.settings, day.tally, request.now) }
    let calendar = known.settings.calendar
    let days = try rows[2].map { CivilDate(day: try $0.value(0)) }
    return Today(
      settings: known.settings, tally: day.tally,
      streak: Streak(activeDays: days, today: calendar.day(of: request.now), calendar: calendar), decks: decks)
  }

  private func deck(
    _ row: PostgresRow, _ due: [Int64: [StudyCard]], _ settings: LearningSettings, _ tally: DailyTally, _ now: Instant
  ) throws -> DueDeck {
    var next = row.reader
    let (id, title) = (try next.next(Int64.self), try next.next(String.self))
    let (cards, studied) = (try next.next(Int.self), try next.next(Int.self))
    let (answered, learned) = (try next.next(Int.self), try next.next(Int.self))
    let counts =
      switch settings.scheduler {
      case .fsrs6:
        DueCounts(studied: due[id] ?? [], newCards: cards - studied, settings: settings, tally: tally, at: now)
      case .weights:
        DueCounts(newCards: cards - answered, learningCards: answered - learned, settings: settings, tally: tally)
      }
    return DueDeck(id: id, title: title, counts: counts)
  }

  private static let decks = PostgresStatement(
    "learning.decks",
    """
    SELECT d.id, d.title, (SELECT count(*) FROM cards c WHERE c.deck_id = d.id), k.studied, k.answered, k.learned
    FROM decks d, LATERAL (
      SELECT count(*) AS studied, count(*) FILTER (WHERE q.successes + q.failures > 0) AS answered,
        count(*) FILTER (WHERE q.streak >= \(AnswerRecord.learnedStreak)) AS learned
      FROM schedules q WHERE q.user_id = $1 AND q.deck_id = d.id) k
    WHERE (d.owner_id = $1 OR d.id IN (SELECT q.deck_id FROM schedules q WHERE q.user_id = $1))
      AND \(DeckAccess.visible(2))
    ORDER BY d.id DESC LIMIT $4
    """)

  private static let dueCards = PostgresStatement(
    "learning.dueCards",
    """
    SELECT c.deck_id, \(StoredCard.columns) FROM schedules q JOIN cards c ON c.id = q.card_id
    WHERE q.user_id = $1 AND q.due_at < $2
    """)
}
