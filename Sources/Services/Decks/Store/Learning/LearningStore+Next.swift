import CivilTime
import Digests
import Foundation
import Postgres

extension LearningStore {
  /// What a session asks next.
  struct Next: Sendable {
    let session: StoredSession
    /// Nil when there is nothing to ask now.
    let asked: Asked?
  }

  struct Asked: Sendable {
    let card: AskedCard
    let kind: CardKind
    /// Under which to answer: the same for all that show this card at this point of the session, so that two tabs answer once.
    let answerID: UUID
    let previews: [ReviewPreview]
  }

  /// - Throws: 404 for a session that is not the caller's, or whose deck he may not see any more.
  func next(_ id: Int64, _ request: Request) async throws -> Next {
    let learner = try request.caller.person()
    func window(_ day: Range<Instant>?) -> PostgresCall {
      PostgresCall(
        statement: QueueWindow.next,
        values: QueueWindow.values(session: id, learner: learner, now: request.now, day: day))
    }
    let rows = try await pool.run(
      [
        StoredLearner.read(.int8(learner)), StoredSession.read(.int8(id), .int8(learner)), visible(id, request),
        window(nil),
      ], until: request.deadline)
    guard let row = rows[1].first else { throw LearningFailures.sessionNotFound.failure() }
    let session = try StoredSession(row).shown(at: request.now)
    guard session.end == nil else { return Next(session: session, asked: nil) }
    guard !rows[2].isEmpty else { throw DeckAccess.notFound.failure() }
    let known = try StoredLearner(rows[0].first, zones)
    let moment = max(request.now, session.lastActivityAt)
    let day = try await day(of: moment, for: known, learner) { try await pool.run($0, until: request.deadline) }
    let isFresh = known.tally(of: day.span) != nil
    let queue = try QueueWindow(isFresh ? rows[3] : try await pool.run(window(day.span), until: request.deadline))
    let study = Study(
      cards: queue.cards.map(\.card), session: session.session(asked: queue.asked), tally: day.tally,
      settings: known.settings)
    guard let entry = study.queue(at: moment).next, let found = queue.cards.first(where: { $0.card.id == entry.card })
    else { return Next(session: session, asked: nil) }
    let previews = found.card.previews(at: moment, mode: session.mode, settings: known.settings)
    return Next(
      session: session,
      asked: Asked(
        card: try AskedCard(found), kind: entry.kind,
        answerID: UUID(session: id, afterAnswers: session.answers, card: entry.card), previews: previews))
  }

  /// A row if the caller may see the deck of a session.
  func visible(_ session: Int64, _ request: Request) -> PostgresCall {
    PostgresCall(
      statement: Self.visibleDeckOfSession, values: [.int8(session)] + DeckAccess(request.caller).parameters)
  }

  private static let visibleDeckOfSession = PostgresStatement(
    "learning.visibleDeckOfSession",
    """
    SELECT d.id FROM learning_sessions s JOIN decks d ON d.id = s.deck_id WHERE s.id = $1 AND \(DeckAccess.visible(2))
    """)
}

/// A card as a learner is asked it.
struct AskedCard: Sendable {
  let id: Int64
  let frontText: String
  let backText: String
  /// Where the images are in the bucket.
  let frontImageKey: String?
  let backImageKey: String?
  /// Counts the card's changes.
  let version: Int64

  init(_ found: QueueWindow.Card) throws(PostgresError) {
    let (row, first) = (found.row, QueueWindow.contentColumn)
    id = found.card.id
    frontText = try row.value(first)
    backText = try row.value(first + 1)
    frontImageKey = try row.value(first + 2)
    backImageKey = try row.value(first + 3)
    version = try row.value(first + 4)
  }
}

extension UUID {
  /// The one id of the answer to a card that a session asks after so many answers (version 8 of RFC 9562).
  fileprivate init(session: Int64, afterAnswers answers: Int, card: Int64) {
    var bytes = Digest.sha256.bytes(of: Array("\(session) \(answers) \(card)".utf8))
    bytes[6] = bytes[6] & 0x0F | 0x80
    bytes[8] = bytes[8] & 0x3F | 0x80
    self = bytes.withUnsafeBytes { UUID(uuid: $0.loadUnaligned(as: uuid_t.self)) }
  }
}
