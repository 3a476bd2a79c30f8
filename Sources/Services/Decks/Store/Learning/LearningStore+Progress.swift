import CivilTime
import Postgres

extension LearningStore {
  /// How far a session has come. Reads all of the deck, as it is of all cards.
  /// - Throws: 404.
  func progress(_ id: Int64, _ request: Request) async throws -> (StoredSession, SessionProgress) {
    let learner = try request.caller.person()
    let rows = try await pool.run(
      [
        StoredLearner.read(.int8(learner)), StoredSession.read(.int8(id), .int8(learner)), visible(id, request),
        Self.asked(.int8(id)),
      ], until: request.deadline)
    guard let row = rows[1].first else { throw LearningFailures.sessionNotFound.failure() }
    let stored = try StoredSession(row)
    guard let deck = try rows[2].first?.value(0, as: Int64.self) else { throw DeckAccess.notFound.failure() }
    let known = try StoredLearner(rows[0].first, zones)
    let moment = max(request.now, stored.lastActivityAt)
    let day = try await day(of: moment, for: known, learner) { try await pool.run($0, until: request.deadline) }
    let cards = try await pool.run(StoredCard.ofDeck(.int8(deck), .int8(learner)), until: request.deadline)
    let study = Study(
      cards: try cards.map { row in
        var next = row.reader
        return try StoredCard.read(&next)
      },
      session: stored.session(asked: try rows[3].map { try ($0.value(0), $0.value(1), $0.value(2)) }),
      tally: day.tally, settings: known.settings)
    return (stored.shown(at: request.now), SessionProgress(study.session, remaining: study.queue(at: moment)))
  }

  /// The cards of the session $1, each with its last answer.
  private static let asked = PostgresStatement(
    "answers.asked",
    """
    SELECT DISTINCT ON (card_id) card_id, number, is_known FROM answers WHERE session_id = $1
    ORDER BY card_id, number DESC
    """)
}
