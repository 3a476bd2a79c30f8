import HTTPService
import Hummingbird
import ServiceContract
import ServiceStore
import Telemetry

/// `/api/deck/{deck_id}/cards` and the bulk change. The tags that they take and answer are the deck's.
struct CardOperations: Sendable {
  static let notFound = FailureDeclaration(.notFound, "CARD_NOT_FOUND", "The deck has no such card.")
  static let refused = FailureDeclaration(
    .badRequest, "CARD_REFUSED", "The card cannot be so: see details.")
  static let bulkRefused = FailureDeclaration(
    .badRequest, "BULK_REFUSED", "Nothing was changed: details say which element is wrong and why.")

  let editor: CardEditor
  let urls: ImageURLs
  let signal: OutboxSignal
  let created: Counter

  private static let tag = "cards"
  private static let one = SuccessDeclaration<CardAnswer>.json(
    as: CardAnswer.representation, "The card as it is now.", isConditional: true)
  private static let failures = [
    DeckAccess.notFound, DeckAccess.notYours, ImageFailures.unavailable, ImageSweepStore.busy,
  ]
  /// A thousand cards of a thousand bytes; read, JSON takes many times its bytes.
  private static let bulkLimitBytes = 1 << 20

  func add(to api: inout API<CallContext>) {
    api.on(
      APIOperation(
        .post, "/api/deck/{deck_id}/cards", id: "createCard", "Add a card to a deck", tag: Self.tag, access: .person,
        path: DeckOfCardsPath.self, body: .json(NewCard.self),
        success: .json(.created, as: CardAnswer.representation, "The new card.", isConditional: true),
        failures: Self.failures + [Self.refused, CardStore.deckFull], ifMatch: .optional)
    ) { call, context in
      let edit = CardEdit(creations: [.init(place: "", card: call.body)])
      let outcome = try await single { try await apply(edit, call.path.deck, call.ifMatch, context) }
      return try card(outcome)
    }
    api.on(
      APIOperation(
        .patch, "/api/deck/{deck_id}/cards/{card_id}", id: "changeCard", "Change a card", tag: Self.tag,
        access: .person,
        path: CardPath.self, body: .json(CardChange.self), success: Self.one,
        failures: Self.failures + [Self.notFound, Self.refused], ifMatch: .optional)
    ) { call, context in
      let edit = CardEdit(updates: [.init(place: "", id: call.path.card, change: call.body)])
      let outcome = try await single { try await apply(edit, call.path.deck, call.ifMatch, context) }
      return try card(outcome)
    }
    api.on(
      APIOperation(
        .delete, "/api/deck/{deck_id}/cards/{card_id}", id: "deleteCard", "Delete a card and its images", tag: Self.tag,
        access: .person, path: CardPath.self, success: .empty(.noContent, "It is gone."),
        failures: Self.failures + [Self.notFound], ifMatch: .optional)
    ) { call, context in
      let edit = CardEdit(deletions: [.init(place: "", id: call.path.card)])
      _ = try await single { try await apply(edit, call.path.deck, call.ifMatch, context) }
      return Reply()
    }
    addBulk(to: &api)
  }

  private func addBulk(to api: inout API<CallContext>) {
    api.on(
      APIOperation(
        .patch, "/api/deck/decks/{deck_id}/cards", id: "changeCards",
        "Create, change and delete cards of a deck, all or nothing", tag: Self.tag, access: .person,
        path: DeckOfCardsPath.self, body: .json(BulkChange.self, limitBytes: Self.bulkLimitBytes),
        success: .json(as: BulkAnswer.representation, "What was done.", isConditional: true),
        failures: Self.failures + [Self.bulkRefused, CardStore.deckFull], ifMatch: .required)
    ) { call, context in
      do {
        let outcome = try await apply(try call.body.edit(), call.path.deck, call.ifMatch, context)
        let window = urls.currentWindow
        let answer = BulkAnswer(
          cards: try outcome.plan.named.map { try CardAnswer($0, urls, in: window) }, deleted: outcome.plan.deleted,
          cardsAmount: outcome.deck.cardsAmount)
        return Reply(answer, entityTag: EntityTag(version: outcome.deck.version, variant: window))
      } catch let refusal as CardEditRefusal {
        throw RequestFailure(
          Self.bulkRefused.status, code: Self.bulkRefused.code, message: Self.bulkRefused.meaning,
          details: Array(refusal.items.prefix(Problems.limit).map(\.problem)))
      }
    }
  }

  private func apply(
    _ edit: CardEdit, _ deck: Int64, _ ifMatch: IfMatch?, _ context: CallContext
  ) async throws -> CardStore.Outcome {
    let outcome = try await editor.apply(
      edit, to: deck, by: context.caller, ifMatch: ifMatch, at: context.now, until: context.deadline)
    if !outcome.plan.changesNothing { signal.raise() }
    created.increment(by: UInt64(outcome.plan.created.count))
    return outcome
  }

  /// A change of one card: its refusal is about that card.
  private func single(_ body: () async throws -> CardStore.Outcome) async throws -> CardStore.Outcome {
    do {
      return try await body()
    } catch let refusal as CardEditRefusal {
      if case .noSuchCard? = refusal.items.first?.reason { throw Self.notFound.failure() }
      throw RequestFailure(
        Self.refused.status, code: Self.refused.code, message: Self.refused.meaning,
        details: refusal.items.map(\.problem))
    }
  }

  private func card(_ outcome: CardStore.Outcome) throws -> Reply<CardAnswer> {
    let window = urls.currentWindow
    return Reply(
      try CardAnswer(outcome.plan.named[0], urls, in: window),
      entityTag: EntityTag(version: outcome.deck.version, variant: window))
  }
}

/// What a bulk change has done.
struct BulkAnswer: Sendable {
  /// Those created, then those changed.
  let cards: [CardAnswer]
  let deleted: [Int64]
  let cardsAmount: Int

  static let representation = Representation<BulkAnswer>.object(
    "BulkAnswer",
    [
      .init(
        "cards", .array(CardAnswer.representation), "Those created, then those changed, each in the request's order."
      ) {
        $0.cards
      },
      .init("deleted", .array(.id)) { $0.deleted },
      .init("cards_amount", .count, "Of the deck now.") { $0.cardsAmount },
    ])
}

struct DeckOfCardsPath: RequestObject {
  struct Fields: FieldSet {
    let deck = Field("deck_id", .id)
  }

  let deck: Int64

  init(_ given: Given<Fields>) {
    deck = given.deck
  }
}

struct CardPath: RequestObject {
  struct Fields: FieldSet {
    let deck = Field("deck_id", .id)
    let card = Field("card_id", .id)
  }

  let deck: Int64
  let card: Int64

  init(_ given: Given<Fields>) {
    deck = given.deck
    card = given.card
  }
}
