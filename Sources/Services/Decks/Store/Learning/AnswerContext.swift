import CivilTime
import Postgres

/// All that is read for one answer, in one round trip with the transaction's begin.
struct AnswerContext {
  let session: StoredSession
  /// The deck's version; nil if the learner may not see it, or it is gone.
  let deckVersion: Int64?
  /// Nil if it is not, or no more, of the deck.
  let card: StudyCard?
  /// Of the card's last answer in this session.
  let asked: (number: Int, isKnown: Bool)?

  /// The session $1 of the learner $2, the card $3, and as ``DeckAccess`` has it whether he may see the deck: $4, $5.
  static let read = PostgresStatement(
    "answers.context",
    """
    SELECT \(StoredSession.columns), d.version, \(StoredCard.columns), a.number, a.is_known
    FROM learning_sessions s
    LEFT JOIN decks d ON d.id = s.deck_id AND \(DeckAccess.visible(4))
    LEFT JOIN cards c ON c.id = $3 AND c.deck_id = d.id
    LEFT JOIN schedules q ON q.card_id = c.id AND q.user_id = s.user_id
    LEFT JOIN LATERAL (
      SELECT number, is_known FROM answers WHERE session_id = s.id AND card_id = $3 ORDER BY number DESC LIMIT 1
    ) a ON true
    WHERE s.id = $1 AND s.user_id = $2
    """)

  /// - Parameter row: of ``read``.
  init(_ row: PostgresRow) throws(PostgresError) {
    var next = row.reader
    session = try StoredSession(&next)
    deckVersion = try next.next()
    // The card's id is the column after; without it there is no card to read.
    card = try row.value(13, as: Int64?.self) == nil ? nil : try StoredCard.read(&next)
    let (number, isKnown) = (try row.value(26, as: Int?.self), try row.value(27, as: Bool?.self))
    asked = if let number, let isKnown { (number, isKnown) } else { nil }
  }

  /// What the rules need: this card and those of the window.
  func study(_ window: QueueWindow, _ learner: StoredLearner, _ tally: DailyTally) -> Study {
    var (cards, seen) = (window.cards.map(\.card), window.asked)
    if let card {
      cards.append(card)
      if let asked { seen.append((card.id, asked.number, asked.isKnown)) }
    }
    return Study(cards: cards, session: session.session(asked: seen), tally: tally, settings: learner.settings)
  }
}
