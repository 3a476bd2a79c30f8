import HTTPService
import ServiceContract
import ServiceStore

/// Tests: results, and how a deck's went.
enum ResultOperations {
  /// The most cards of a test.
  private static let mostCards = 2000

  static func add(to api: inout API<CallContext>, _ store: LearningStore) {
    api.on(
      APIOperation(
        .post, "/api/deck/{deck_id}/results", id: "addResult",
        "Keep the result of a test; with an Idempotency-Key it may be sent again", tag: "tests", access: .person,
        path: DeckPath.self, body: .json(NewResult.self, limitBytes: 4 << 20),
        success: .json(.created, as: TestResult.representation, "The result, scored here."),
        failures: StoreFailures.declarations + [
          DeckAccess.notFound, LearningFailures.foreignCards, IdempotencyKey.malformed, IdempotencyKey.reused,
        ])
    ) { call, context in
      let key = try IdempotencyKey.read(call.request.headers)
      return Reply(try await store.add(call.body.test, to: call.path.deck, .init(context), key: key))
    }
    api.on(
      APIOperation(
        .get, "/api/deck/{deck_id}/results", id: "listResults", "My results of a deck, newest first", tag: "tests",
        access: .person, path: DeckPath.self, query: PageQuery.self,
        success: .json(as: .array(TestResult.representation), "A page of them.", headers: [PageRequest.header]),
        failures: StoreFailures.declarations + [DeckAccess.notFound, PageRequest.invalidCursor])
    ) { call, context in
      let owner = try context.caller.person()
      let page = try PageRequest(
        cursor: call.query.cursor, limit: call.query.limit, of: "results",
        filteredBy: ["\(call.path.deck)", "\(owner)"])
      let results = try await store.results(
        of: call.path.deck, after: page.after, count: page.fetchCount, .init(context))
      return page.page(of: results) {
        PagePlace(position: Int64($0.completedAt.milliseconds) * 1000, id: $0.id)
      }.reply
    }
    api.on(
      APIOperation(
        .get, "/api/decks/{id}/stats/", id: "getDeckStats", "How a deck's tests went; for its owner and managers",
        tag: "tests", access: .person, path: StatsPath.self,
        success: .json(as: LearningStore.DeckStats.representation, "Over all learners."),
        failures: StoreFailures.declarations + [DeckAccess.notFound, DeckAccess.notYours])
    ) { call, context in Reply(try await store.stats(of: call.path.id, .init(context))) }
  }

  private struct NewResult: RequestObject {
    struct Fields: FieldSet {
      let seconds = Field("total_time_seconds", .number(0...1e7))
      let cards = Field("card_results", .array(of: .object(NewCardResult.self), count: 1...mostCards))
    }

    let test: TestSubmission

    init(_ given: Given<Fields>) {
      test = TestSubmission(totalTimeSeconds: given.seconds, answers: given.cards.map(\.answer))
    }
  }

  private struct NewCardResult: RequestObject {
    struct Fields: FieldSet {
      let card = Field("card_id", .id)
      let correct = Field("correct", .flag)
      let seconds = Field("answer_time_seconds", .number(0...1e7))
      let text = Field(nullable: "user_answer", .text(0...2000))
    }

    let answer: TestSubmission.Answer

    init(_ given: Given<Fields>) {
      answer = TestSubmission.Answer(
        result: TestScore.CardResult(
          card: given.card, correct: given.correct, answerTimeSeconds: given.seconds), text: given.text)
    }
  }

  private struct PageQuery: RequestObject {
    struct Fields: FieldSet {
      let cursor = PageRequest.cursorField
      let limit = PageRequest.limitField
    }

    let cursor: String?
    let limit: Int

    init(_ given: Given<Fields>) { (cursor, limit) = (given.cursor, given.limit) }
  }

  private struct StatsPath: RequestObject {
    struct Fields: FieldSet {
      let id = Field("id", .id)
    }

    let id: Int64

    init(_ given: Given<Fields>) { id = given.id }
  }
}

extension TestResult {
  static let representation = Representation<TestResult>.object(
    "TestResult",
    [
      .init("id", .id) { $0.id },
      .init("deck_id", .id) { $0.deck },
      .init("cards_total", .count) { $0.cardsTotal },
      .init("cards_correct", .count) { $0.cardsCorrect },
      .init("correct_rate", .number, "0…1") { $0.correctRate },
      .init("score", .number, "0…100") { $0.correctRate * 100 },
      .init("total_time_seconds", .number) { $0.totalTimeSeconds },
      .init("completed_at", .moment) { $0.completedAt },
    ])
}

extension LearningStore.DeckStats {
  static let representation = Representation<LearningStore.DeckStats>.object(
    "DeckStats",
    [
      .init("total_tests", .count) { $0.totalTests },
      .init("avg_score", .nullable(.number), "Of a test, 0…100.") { $0.averageScore },
      .init("correct_rate", .nullable(.number), "Of all answers, 0…1.") { $0.correctRate },
      .init("avg_time_seconds", .nullable(.number), "Of a test.") { $0.averageTimeSeconds },
      .init("card_stats", .array(card), "Of the cards that the deck has now and that were tested.") { $0.cards },
    ])

  private static let card = Representation<LearningStore.CardStats>.object(
    "CardStats",
    [
      .init("card_id", .id) { $0.card },
      .init("answers", .count) { $0.answers },
      .init("correct", .count) { $0.correct },
      .init("correct_rate", .number, "0…1") { Double($0.correct) / Double(max(1, $0.answers)) },
      .init("avg_time_seconds", .number) { $0.averageTimeSeconds },
    ])
}
