import CivilTime
import Postgres

/// The few cards of a deck that decide what a session asks next, or whether it asks anything more.
///
/// ``StudyQueue`` says what comes first. Its order is put here in SQL once more, class by class, only so that the database gives
/// the first cards of each class and not the deck: what is taken of them, and whether limits leave it, the rules decide. So a
/// window may have more than it must, never less. Each branch gives nothing unless the session is of its mode and scheduler.
struct QueueWindow: Sendable {
  struct Card: Sendable {
    let card: StudyCard
    /// The number of its last answer in the session, and whether that left nothing more to ask.
    let asked: (number: Int, isKnown: Bool)?
    /// It is the first in the deck that the session's kind has not asked.
    let isFirstUnasked: Bool
    let row: PostgresRow
  }

  let cards: [Card]

  /// Columns in front of a card's text.
  static let contentColumn = 16

  /// - Parameter rows: of ``remaining`` or ``next``.
  init(_ rows: PostgresRows) throws(PostgresError) {
    var cards: [Card] = []
    for row in rows {
      var next = row.reader
      let isFirstUnasked = try next.next(Bool.self)
      let card = try StoredCard.read(&next)
      let (number, isKnown) = (try next.next(Int?.self), try next.next(Bool?.self))
      let asked: (Int, Bool)? = if let number, let isKnown { (number, isKnown) } else { nil }
      guard !cards.contains(where: { $0.card.id == card.id }) else { continue }
      cards.append(Card(card: card, asked: asked, isFirstUnasked: isFirstUnasked, row: row))
    }
    self.cards = cards
  }

  /// The session's cards in view, as ``StoredSession/session(asked:)`` takes them.
  var asked: [(card: Int64, number: Int, isKnown: Bool)] {
    cards.compactMap { card in card.asked.map { (card.card.id, $0.number, $0.isKnown) } }
  }

  /// The parameters of both statements.
  /// - Parameters:
  ///   - now: a moment before the session's last answer is taken as that.
  ///   - day: the learner's day of it; nil to take the one his row has, if it has one.
  ///   - card: one that is known and shall not be among them; 0 for none.
  static func values(
    session: Int64, learner: Int64, now: Instant, day: Range<Instant>?, without card: Int64 = 0
  ) -> [PostgresValue] {
    [
      .int8(session), .int8(learner), .moment(now), .moment(day?.lowerBound), .moment(day?.upperBound), .int8(card),
    ]
  }

  /// Enough to tell whether anything is left to ask.
  static let remaining = PostgresStatement(
    "window.remaining",
    statement(
      [
        firstStep, anyDueReview, unaskedOfSession("v.mode = 'all' AND v.scheduler = 'fsrs6' OR v.mode = 'cram'"),
        newToFSRS("v.mode = 'due'"), missed, newByWeight, anyLearningByWeight,
      ], content: ""))

  /// Enough to tell what is asked next, with the texts of the cards.
  static let next = PostgresStatement(
    "window.next",
    statement(
      [
        firstStep, firstUnseenStep, forgottenDueReviews, forgottenUnseenReviews, unaskedOfSession("v.mode = 'cram'"),
        newToFSRS("v.mode <> 'cram'"), missed, newByWeight, heaviest("q.streak < 3"), heaviest("q.streak >= 3"),
      ],
      content: ", c.front_text, c.back_text, c.front_image_key, c.back_image_key, c.version"))

  private static func statement(_ branches: [String], content: String) -> String {
    """
    WITH v AS MATERIALIZED (
      SELECT s.id, s.user_id, s.deck_id, s.mode, l.scheduler, greatest($3, s.last_activity_at) AS moment,
        coalesce($4, l.day_from) AS day_from, coalesce($5, l.day_to) AS day_to,
        $4 IS NOT NULL OR l.new_per_day > l.new_today AS new_left,
        $4 IS NOT NULL OR l.reviews_per_day > l.reviews_today AS reviews_left,
        CASE WHEN s.unasked_version = d.version THEN s.unasked_index ELSE -2147483648 END AS from_index,
        CASE WHEN s.unasked_version = d.version THEN s.unasked_card ELSE 0 END AS from_card
      FROM learning_sessions s JOIN learners l ON l.user_id = s.user_id JOIN decks d ON d.id = s.deck_id
      WHERE s.id = $1 AND s.user_id = $2 AND s.ended_at IS NULL
    ), picked AS (
    \(branches.map { "  SELECT p.id, p.first FROM v, LATERAL (\($0)) p" }.joined(separator: "\n  UNION ALL\n"))
    )
    SELECT picked.first, \(StoredCard.columns), a.number, a.is_known\(content)
    FROM picked JOIN cards c ON c.id = picked.id LEFT JOIN schedules q ON q.card_id = c.id AND q.user_id = $2
    LEFT JOIN LATERAL (
      SELECT number, is_known FROM answers WHERE session_id = $1 AND card_id = c.id ORDER BY number DESC LIMIT 1
    ) a ON true
    ORDER BY picked.first DESC
    """
  }
}
