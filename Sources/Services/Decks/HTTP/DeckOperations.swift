import HTTPService
import Hummingbird
import ServiceContract
import ServiceStore
import Telemetry

/// `/api/decks/`: lists, and one deck.
struct DeckOperations: Sendable {
  let list: DeckList
  let decks: DeckStore
  let urls: ImageURLs
  let signal: OutboxSignal
  let created: Counter

  private static let tag = "decks"
  private static let withTag = SuccessDeclaration<Deck>.json(
    as: Deck.representation, "The deck as it is now.", isConditional: true)

  func add(to api: inout API<CallContext>) {
    addReading(to: &api)
    addWriting(to: &api)
  }

  private func addReading(to api: inout API<CallContext>) {
    api.on(
      APIOperation(
        .get, "/api/decks/", id: "listDecks", "Decks that the caller may see, newest first", tag: Self.tag,
        access: .anyone, query: DeckQuery.self,
        success: .json(as: .array(Deck.representation), "A page of them.", headers: [PageRequest.header]),
        failures: [PageRequest.invalidCursor])
    ) { call, context in
      let page = try PageRequest(
        cursor: call.query.cursor, limit: call.query.limit, of: "decks", filteredBy: call.query.filters)
      let found = try await list.page(
        call.query, after: page.after, count: page.fetchCount, for: DeckAccess(context.caller), until: context.deadline)
      return page.page(of: found, at: DeckList.place).reply
    }
    api.on(
      APIOperation(
        .get, "/api/decks/{id}/", id: "getDeck", "A deck with its cards", tag: Self.tag, access: .anyone,
        path: IDPath.self,
        success: .response(
          ["application/json"], "The deck and all of its cards.", schema: DeckDetail.representation.schema,
          isConditional: true), failures: [DeckAccess.notFound])
    ) { call, context in
      let (access, window) = (DeckAccess(context.caller), urls.currentWindow)
      if call.request.headers[.ifNoneMatch] != nil {
        let version = try await decks.version(call.path.id, for: access, until: context.deadline)
        let tag = EntityTag(version: version, variant: window)
        // 304 comes of it: the cards need not be read.
        if tag.isKnown(to: call.request) { return Reply(Response(status: .ok), entityTag: tag) }
      }
      let (deck, cards) = try await decks.detail(call.path.id, for: access, until: context.deadline)
      let detail = DeckDetail(deck: deck, cards: try cards.map { try CardAnswer($0, urls, in: window) })
      return Reply(
        DeckDetail.representation.response(detail), entityTag: EntityTag(version: deck.version, variant: window))
    }
  }

  private func addWriting(to api: inout API<CallContext>) {
    api.on(
      APIOperation(
        .post, "/api/decks/", id: "createDeck", "Make a deck", tag: Self.tag, access: .person,
        body: .json(NewDeck.self),
        success: .json(.created, as: Deck.representation, "The new deck.", isConditional: true),
        failures: [CategoryIDs.unknown])
    ) { call, context in
      let deck = try await decks.create(
        call.body, ownedBy: try context.caller.person(), at: context.now, until: context.deadline)
      signal.raise()
      created.increment()
      return Reply(deck, headers: [.location: "/api/decks/\(deck.id)/"], entityTag: tag(of: deck))
    }
    api.on(
      APIOperation(
        .patch, "/api/decks/{id}/", id: "changeDeck", "Change a deck", tag: Self.tag, access: .person,
        path: IDPath.self, body: .json(DeckChange.self), success: Self.withTag,
        failures: [DeckAccess.notFound, DeckAccess.notYours, CategoryIDs.unknown], ifMatch: .optional)
    ) { call, context in
      let (deck, changed) = try await decks.update(
        call.path.id, call.body, for: DeckAccess(context.caller), ifMatch: call.ifMatch, at: context.now,
        until: context.deadline)
      if changed { signal.raise() }
      return Reply(deck, entityTag: tag(of: deck))
    }
    api.on(
      APIOperation(
        .delete, "/api/decks/{id}/", id: "deleteDeck", "Delete a deck with its cards and images", tag: Self.tag,
        access: .person, path: IDPath.self, success: .empty(.noContent, "It is gone."),
        failures: [DeckAccess.notFound, DeckAccess.notYours], ifMatch: .optional)
    ) { call, context in
      try await decks.delete(
        call.path.id, for: DeckAccess(context.caller), ifMatch: call.ifMatch, at: context.now, until: context.deadline)
      signal.raise()
      return Reply()
    }
  }

  private func tag(of deck: Deck) -> EntityTag { EntityTag(version: deck.version, variant: urls.currentWindow) }
}

struct IDPath: RequestObject {
  struct Fields: FieldSet {
    let id = Field("id", .id)
  }

  let id: Int64

  init(_ given: Given<Fields>) {
    id = given.id
  }
}
