import CivilTime
import HTTPService
import NIOCore
import Postgres
import ServiceContract
import ServiceStore

extension LearningStore {
  /// Keeps a test's result and its event.
  /// - Parameter key: under which the same test may come again; it gets the same result then.
  /// - Throws: 404, 400 for cards that are not of the deck, 409 for a key that came with another test.
  func add(
    _ test: TestSubmission, to deck: Int64, _ request: Request, key: IdempotencyKey?
  ) async throws -> TestResult {
    let learner = try request.caller.person()
    let (result, isNew) = try await pool.transaction(until: request.deadline) { transaction in
      try add(test, to: deck, by: learner, request, key, in: transaction)
    }
    if isNew { changed(nil) }
    return result
  }

  private func add(
    _ test: TestSubmission, to deck: Int64, by learner: Int64, _ request: Request, _ key: IdempotencyKey?,
    in transaction: PostgresTransaction
  ) throws -> (TestResult, isNew: Bool) {
    let cards = test.answers.map(\.result.card)
    let rows = try transaction.run([
      StoredLearner.ensure(.int8(learner)), StoredLearner.lock(.int8(learner)),
      PostgresCall(
        statement: Self.cardsOfDeck, values: [.int8(deck), .int8Array(cards)] + DeckAccess(request.caller).parameters),
    ])
    let (operation, answers) = ("addResult \(deck)", Self.json(test.answers))
    if let key {
      let body = Array("\(test.totalTimeSeconds) \(answers)".utf8)
      let first = try idempotency.claim(key, of: learner, for: operation, body: body, in: transaction)
      // A result never changes: its id is all of the reply that needs keeping.
      if let first, let id = Int64(first.body), let row = try transaction.run(Self.byID(.int8(id))).first {
        return (try TestResult(row), false)
      }
    }
    guard let found = try rows[2].first?.value(0, as: [Int64].self) else { throw DeckAccess.notFound.failure() }
    let score: TestScore
    do throws(TestScoreError) {
      score = try TestScore(
        test.answers.map(\.result), totalTimeSeconds: test.totalTimeSeconds, deck: Set(found))
    } catch {
      throw LearningFailures.foreignCards.failure("\(error)")
    }
    let inserted = try transaction.run(
      Self.insertResult(
        .int8(learner), .int8(deck), .int8(score.cardsTotal), .int8(score.cardsCorrect),
        .float8(test.totalTimeSeconds), .moment(request.now)))
    let result = TestResult(
      id: try inserted[0].value(0), learner: learner, deck: deck, score: score,
      totalTimeSeconds: test.totalTimeSeconds, completedAt: request.now)
    var last = [Self.insertCards(.int8(result.id), .jsonb(answers))]
    if let key {
      last.append(
        idempotency.keep(KeptReply(status: 201, body: "\(result.id)"), as: key, of: learner, for: operation))
    }
    transaction.runWithCommit(last + [outbox.insert([LearningEvents.tested(result)])])
    return (result, true)
  }

  private static func json(_ answers: [TestSubmission.Answer]) -> String {
    var output = JSONOutput()
    output.array { array in
      for answer in answers {
        array.object { object in
          object.member("card", answer.result.card)
          object.member("correct", answer.result.correct)
          object.member("seconds", answer.result.answerTimeSeconds)
          object.member("answer", answer.text)
        }
      }
    }
    return String(buffer: output.buffer)
  }

  /// The caller's own results of a deck, newest first.
  /// - Throws: 404.
  func results(of deck: Int64, after place: PagePlace?, count: Int, _ request: Request) async throws -> [TestResult] {
    let learner = try request.caller.person()
    let rows = try await pool.run(
      [
        PostgresCall(
          statement: Self.cardsOfDeck, values: [.int8(deck), .int8Array([])] + DeckAccess(request.caller).parameters),
        Self.list(
          .int8(learner), .int8(deck), .timestamptz(place.map { PostgresTimestamp(microseconds: $0.position) }),
          .int8(place?.id), .int8(count)),
      ], until: request.deadline)
    guard !rows[0].isEmpty else { throw DeckAccess.notFound.failure() }
    return try rows[1].map { try TestResult($0) }
  }

  /// Of the cards $2 those of the deck $1; no row for one that the caller may not see.
  private static let cardsOfDeck = PostgresStatement(
    "results.cardsOfDeck",
    """
    SELECT ARRAY(SELECT c.id FROM cards c WHERE c.deck_id = d.id AND c.id = ANY ($2)) FROM decks d
    WHERE d.id = $1 AND \(DeckAccess.visible(3))
    """)
  private static let byID = PostgresStatement(
    "results.byID", "SELECT \(TestResult.columns) FROM test_results r WHERE r.id = $1")
  private static let insertResult = PostgresStatement(
    "results.insert",
    """
    INSERT INTO test_results (user_id, deck_id, cards_total, cards_correct, total_time_seconds, completed_at)
    VALUES ($1, $2, $3, $4, $5, $6) RETURNING id
    """)
  private static let insertCards = PostgresStatement(
    "results.insertCards",
    """
    INSERT INTO test_result_cards (result_id, place, card_id, correct, answer_time_seconds, user_answer)
    SELECT $1, e.place - 1, (e.item ->> 'card')::bigint, (e.item ->> 'correct')::boolean,
      (e.item ->> 'seconds')::float8, e.item ->> 'answer'
    FROM jsonb_array_elements($2) WITH ORDINALITY AS e (item, place)
    """)
  private static let list = PostgresStatement(
    "results.list",
    """
    SELECT \(TestResult.columns) FROM test_results r
    WHERE r.user_id = $1 AND r.deck_id = $2 AND ($3::timestamptz IS NULL OR (r.completed_at, r.id) < ($3, $4))
    ORDER BY r.completed_at DESC, r.id DESC LIMIT $5
    """)
}
