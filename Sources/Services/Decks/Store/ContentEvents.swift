import EventSchema

/// What has happened to decks and cards within one transaction, in order.
struct ContentEvents {
  static let producer = "decks-service"

  private(set) var all: [Event] = []
  /// Milliseconds since 1970.
  private let now: Int64

  init(at now: Int64) {
    self.now = now
  }

  mutating func created(_ deck: Deck) {
    add(
      .deckCreated(
        deckID: UInt64(deck.id), authorID: UInt64(deck.ownerID), createdAtMs: now, title: deck.publicTitle))
  }

  mutating func updated(_ deck: Deck) {
    add(
      .deckUpdated(
        deckID: UInt64(deck.id), authorID: UInt64(deck.ownerID), changedAtMs: now, title: deck.publicTitle))
  }

  /// A deck's cards go with it, and before it.
  mutating func deleted(_ deck: Deck, cards: [Int64]) {
    deletedCards(cards, of: deck.id)
    add(
      .deckDeleted(
        deckID: UInt64(deck.id), authorID: UInt64(deck.ownerID), changedAtMs: now, title: deck.publicTitle))
  }

  mutating func createdCards(_ ids: some Sequence<Int64>, of deck: Int64) {
    for id in ids { add(.cardCreated(cardID: UInt64(id), deckID: UInt64(deck), createdAtMs: now)) }
  }

  mutating func updatedCards(_ ids: some Sequence<Int64>, of deck: Int64) {
    for id in ids { add(.cardUpdated(cardID: UInt64(id), deckID: UInt64(deck), changedAtMs: now)) }
  }

  mutating func deletedCards(_ ids: some Sequence<Int64>, of deck: Int64) {
    for id in ids { add(.cardDeleted(cardID: UInt64(id), deckID: UInt64(deck), changedAtMs: now)) }
  }

  private mutating func add(_ payload: EventPayload) {
    all.append(Event(id: .random(), occurredAtMs: now, producer: Self.producer, payload: payload))
  }
}
