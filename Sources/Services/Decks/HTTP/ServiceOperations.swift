import HTTPService
import ServiceContract
import ServiceStore

/// What the platform's other services ask: which decks there are, and what learners have done with them. Never through the
/// gateway.
struct ServiceOperations: Sendable {
  private static let tag = "services"
  static let tooMuch = FailureDeclaration(
    .badRequest, "TOO_MUCH_AT_ONCE", "There is more of this than one answer holds: ask for fewer at once.")

  let lookup: DeckLookup
  let learning: LearningStore

  func add(to api: inout API<CallContext>) {
    api.on(
      APIOperation(
        .post, "/api/internal/decks", id: "lookUpDecks", "Decks by their ids, private ones too", tag: Self.tag,
        access: .service, body: .json(DecksQuestion.self),
        success: .json(as: .array(DeckLookup.Found.representation), "Those that there are, by id."),
        failures: StoreFailures.declarations + [Self.tooMuch])
    ) { call, context in
      let found = try await lookup.decks(
        call.body.decks, withCards: call.body.withCards, until: context.deadline)
      guard let found else { throw Self.tooMuch.failure() }
      return Reply(found)
    }
    api.on(
      APIOperation(
        .post, "/api/internal/learned", id: "lookUpLearned", "What learners have done with decks", tag: Self.tag,
        access: .service, body: .json(LearnedQuestion.self),
        success: .json(
          as: .array(LearningStore.Learned.representation),
          "Of each learner with each deck, where there is anything; by learner and deck."),
        failures: StoreFailures.declarations + [Self.tooMuch])
    ) { call, context in
      let found = try await learning.learned(by: call.body.users, of: call.body.decks, until: context.deadline)
      guard let found else { throw Self.tooMuch.failure() }
      return Reply(found)
    }
  }

  private struct DecksQuestion: RequestObject {
    struct Fields: FieldSet {
      let decks = Field("deck_ids", .array(of: .id, count: 0...500))
      let cards = Field("cards", .flag, default: .bool(true), "Whether the ids of their cards are wanted too.")
    }

    let decks: [Int64]
    let withCards: Bool

    init(_ given: Given<Fields>) { (decks, withCards) = (given.decks, given.cards) }
  }

  private struct LearnedQuestion: RequestObject {
    struct Fields: FieldSet {
      let users = Field("user_ids", .array(of: .id, count: 0...500))
      let decks = Field("deck_ids", .array(of: .id, count: 0...100))
    }

    let users: [Int64]
    let decks: [Int64]

    init(_ given: Given<Fields>) { (users, decks) = (given.users, given.decks) }
  }
}

extension DeckLookup.Found {
  fileprivate static let representation = Representation<DeckLookup.Found>.object(
    "FoundDeck",
    [
      .init("id", .id) { $0.id },
      .init("owner_id", .id) { $0.owner },
      .init("title", .text) { $0.title },
      .init("visibility", .text) { $0.visibility },
      .init("cards_amount", .count) { $0.cardsAmount },
      .init("version", .id, "Grows with each change of the deck or its cards.") { $0.version },
      .init("card_ids", .nullable(.array(.id)), "Null where they were not asked for.") { $0.cards },
    ])
}

extension LearningStore.Learned {
  fileprivate static let representation = Representation<LearningStore.Learned>.object(
    "Learned",
    [
      .init("user_id", .id) { $0.learner },
      .init("deck_id", .id) { $0.deck },
      .init("card_ids", .array(.id), "Cards now in the deck that were ever answered right.") { $0.cards },
      .init("sessions", .array(session), "Those that are over.") { $0.sessions },
      .init("tests", .array(test)) { $0.tests },
      .init("last_seen_at", .nullable(.moment)) { $0.lastSeenAt },
    ])

  private static let session = Representation<LearningStore.Learned.Session>.object(
    "LearnedSession",
    [
      .init("session_id", .id) { $0.id },
      .init("duration_sec", .count) { $0.durationSeconds },
    ])

  private static let test = Representation<LearningStore.Learned.Test>.object(
    "LearnedTest",
    [
      .init("result_id", .id) { $0.id },
      .init("cards_total", .count) { $0.cardsTotal },
      .init("cards_correct", .count) { $0.cardsCorrect },
      .init("completed_at", .moment) { $0.completedAt },
    ])
}
