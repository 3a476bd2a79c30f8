import ObjectStore
import ServiceContract
import ServiceStore

/// Makes a deck of somebody's own of one that he may see: its cards as they are now, and copies of their images, which the
/// store makes itself.
struct DeckCopier: Sendable {
  private static let atOnce = 4

  let decks: DeckStore
  let copies: DeckCopyStore
  let sweeps: ImageSweepStore
  let store: ObjectStore

  /// - Parameter report: makes the reply to the new deck.
  func copy(
    _ id: Int64, by caller: Caller, repetition: Repetition, at now: Int64, until deadline: ContinuousClock.Instant,
    report: @escaping @Sendable (Deck) -> KeptReply
  ) async throws -> DeckCopyStore.Outcome {
    let owner = try caller.person()
    let (source, cards) = try await decks.detail(id, for: DeckAccess(caller), until: deadline)
    let hasImages = cards.contains { !$0.images.isEmpty }
    // Not twice the images for nothing.
    if hasImages, let reply = try await repetition.earlierReply(in: copies.pool, until: deadline) {
      return DeckCopyStore.Outcome(reply: reply, made: nil)
    }
    let ids = try await copies.takeIDs(cards: cards.count, until: deadline)
    let images = DeckCopyImages(cards, to: ids)
    try await sweeps.announce(images.targets, until: deadline)
    try await make(images, until: deadline)
    return try await copies.insert(
      source, images.cards, as: ids.deck, ownedBy: owner, images: images.targets, repetition: repetition, at: now,
      until: deadline, report: report)
  }

  private func make(_ images: DeckCopyImages, until deadline: ContinuousClock.Instant) async throws {
    try await withThrowingTaskGroup(of: Void.self) { group in
      for (index, pair) in images.pairs.enumerated() {
        if index >= Self.atOnce { try await group.next() }
        group.addTask { try await store.copy(pair.from.text, to: pair.to.text, deadline: deadline) }
      }
      try await group.waitForAll()
    }
  }
}

/// The cards of a copy, and where each image goes.
struct DeckCopyImages: Sendable {
  private(set) var cards: [Card] = []
  private(set) var pairs: [(from: CardImageKey, to: CardImageKey)] = []

  var targets: [String] { pairs.map(\.to.text) }

  init(_ source: [Card], to ids: DeckCopyStore.IDs) {
    for (card, id) in zip(source, ids.cards) {
      func target(_ image: CardImageKey?) -> CardImageKey? {
        image.map { CardImageKey(deck: ids.deck, card: id, side: $0.side, type: $0.type) }
      }
      let copy = Card(
        id: id, deckID: ids.deck, frontText: card.frontText, backText: card.backText,
        frontImage: target(card.frontImage), backImage: target(card.backImage), orderIndex: card.orderIndex, version: 1,
        created: card.created, updated: card.updated)
      pairs += zip(card.images, copy.images).map { (from: $0, to: $1) }
      cards.append(copy)
    }
  }
}
