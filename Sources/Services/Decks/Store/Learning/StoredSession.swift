import CivilTime
import Postgres

/// A session as its row has it; of its cards only how many there are.
struct StoredSession: Sendable {
  let id: Int64
  let deck: Int64
  let mode: StudyMode
  let startedAt: Instant
  let lastActivityAt: Instant
  let activeMilliseconds: Int
  let answers: Int
  let cardsSeen: Int
  let cardsKnown: Int
  let end: SessionEnd?

  static let columns = """
    s.id, s.deck_id, s.mode, s.started_at, s.last_activity_at, s.active_ms, s.answers, s.cards_seen, s.cards_known, s.ended_at, \
    s.end_cause, s.duration_sec
    """

  /// The session $1 of the learner $2.
  static let read = PostgresStatement(
    "sessions.read", "SELECT \(columns) FROM learning_sessions s WHERE s.id = $1 AND s.user_id = $2")
  /// Of the learner $1 and the deck $2.
  static let active = PostgresStatement(
    "sessions.active",
    "SELECT \(columns) FROM learning_sessions s WHERE s.user_id = $1 AND s.deck_id = $2 AND s.ended_at IS NULL")
  static let begin = PostgresStatement(
    "sessions.begin",
    """
    INSERT INTO learning_sessions (user_id, deck_id, mode, started_at, last_activity_at) VALUES ($1, $2, $3, $4, $4)
    RETURNING id
    """)
  static let end = PostgresStatement(
    "sessions.end",
    """
    UPDATE learning_sessions SET last_activity_at = $2, ended_at = $2, end_cause = $3, duration_sec = $4 WHERE id = $1
    """)
  /// Whoever learns by another rule has other cards before him.
  static let forgetUnasked = PostgresStatement(
    "sessions.forgetUnasked",
    "UPDATE learning_sessions SET unasked_version = NULL WHERE user_id = $1 AND ended_at IS NULL")

  /// Reads ``columns``.
  init(_ next: inout PostgresRowReader) throws(PostgresError) {
    (id, deck) = (try next.next(), try next.next())
    guard let mode = StudyMode(rawValue: try next.next()) else {
      throw .protocolViolation("a session is of an unknown mode")
    }
    self.mode = mode
    (startedAt, lastActivityAt) = (try next.moment(), try next.moment())
    (activeMilliseconds, answers) = (try next.next(), try next.next())
    (cardsSeen, cardsKnown) = (try next.next(), try next.next())
    let endedAt = try next.momentIfAny()
    let (cause, duration) = (try next.next(String?.self), try next.next(Int?.self))
    guard let endedAt, let cause = cause.flatMap(SessionEnd.Cause.init), let duration else {
      end = nil
      return
    }
    end = SessionEnd(
      cause: cause, at: endedAt, durationSeconds: duration, cardsSeen: cardsSeen, learnedCards: cardsKnown)
  }

  init(_ row: PostgresRow) throws(PostgresError) {
    var next = row.reader
    try self.init(&next)
  }

  init(id: Int64, deck: Int64, answers: Int = 0, _ session: StudySession) {
    (self.id, self.deck, mode, startedAt) = (id, deck, session.mode, session.startedAt)
    (lastActivityAt, activeMilliseconds) = (session.lastActivityAt, session.activeMilliseconds)
    (self.answers, cardsSeen, cardsKnown, end) = (answers, session.cardsSeen, session.cardsKnown, session.end)
  }

  /// As the rules have it.
  /// - Parameter asked: those of its cards that are in view, each with the number of its last answer and whether that left
  ///   nothing more to ask.
  func session(asked: [(card: Int64, number: Int, isKnown: Bool)] = []) -> StudySession {
    let seen = asked.sorted { $0.number < $1.number }.map(\.card)
    let known = Set(asked.filter(\.isKnown).map(\.card))
    return StudySession(
      mode: mode, startedAt: startedAt, lastActivityAt: lastActivityAt, activeMilliseconds: activeMilliseconds,
      seen: seen, known: known,
      unlisted: StudySession.Unlisted(seen: cardsSeen - seen.count, known: cardsKnown - known.count), end: end)
  }

  /// The same after the rules changed it.
  func changed(to session: StudySession) -> StoredSession {
    StoredSession(id: id, deck: deck, answers: answers, session)
  }

  /// Writes the end that the session has come to.
  func ending(_ end: SessionEnd) -> PostgresCall {
    Self.end(.int8(id), .moment(end.at), .text(end.cause.rawValue), .int8(end.durationSeconds))
  }
}
