import HTTPService
import ObjectStore
import ServiceContract
import ServiceStore

/// Makes cards of a package, all or nothing. Its images are written first, each under its card's key, and the cards refer to them
/// from the commit on; where there is no commit, they are swept.
struct AnkiImporter: Sendable {
  /// Images under way at once for one request.
  private static let atOnce = 4
  /// Of all images that are written, one that several notes show as often as they do.
  private static let imageBytes = 96 << 20
  static let tooManyImages = FailureDeclaration(
    .badRequest, "TOO_MANY_IMAGES",
    "Nothing was imported: with its images as often as notes show them it takes more than \(imageBytes >> 20) MiB.")
  /// How often the deck may change while images are written.
  private static let tries = 3

  let decks: DeckStore
  let imports: AnkiImportStore
  let sweeps: ImageSweepStore
  let store: ObjectStore

  /// - Parameter report: makes the reply of what is done, or would be.
  func run(
    _ cards: AnkiCards, into id: Int64, _ policy: DuplicatePolicy, isTrial: Bool, for access: DeckAccess,
    ifMatch: IfMatch?, repetition: Repetition, at now: Int64, until deadline: ContinuousClock.Instant,
    report: @escaping @Sendable (AnkiImportPlan) -> KeptReply
  ) async throws -> CardImport.Outcome {
    // Not the images again for nothing.
    if !isTrial, let reply = try await repetition.earlierReply(in: imports.pool, until: deadline) {
      return CardImport.Outcome(reply: reply, created: 0, isWritten: false)
    }
    for _ in 0..<Self.tries {
      let seen = try await decks.forChange(id, by: access, ifMatch: ifMatch, until: deadline)
      let plan = AnkiImportPlan(
        cards, into: seen.deck, seen.cards, policy, pictures: try await digests(seen.cards, cards, id, until: deadline))
      guard seen.deck.cardsAmount + plan.rows.created.count <= DeckLimits.cards else {
        throw CardStore.deckFull.failure()
      }
      let reply = report(plan)
      guard !isTrial else { return CardImport.Outcome(reply: reply, created: 0, isWritten: false) }
      let edit = plan.edit(deck: id, ids: try await imports.takeIDs(plan.rows.created.count, until: deadline))
      let bytes = edit.images.reduce(0) { $0 + (cards.pictures[$1.name]?.bytes.count ?? 0) }
      guard bytes <= Self.imageBytes else { throw Self.tooManyImages.failure() }
      try await sweeps.announce(edit.images.map(\.target.text), until: deadline)
      try await write(edit.images, of: cards, until: deadline)
      let isWritten = try await imports.write(
        edit, seen.cards, tags: plan.tags, to: seen.deck, for: access, ifMatch: ifMatch, repetition: repetition,
        reply: reply, at: now, until: deadline)
      if let outcome = isWritten { return outcome }
    }
    throw ImageSweepStore.busy.failure(headers: [.retryAfter: "2"])
  }

  /// What the deck's images are, where that decides which cards are there already.
  private func digests(
    _ known: [Card], _ new: AnkiCards, _ deck: Int64, until deadline: ContinuousClock.Instant
  ) async throws -> [CardImageKey: String] {
    guard known.contains(where: { $0.frontImage != nil }), new.rows.contains(where: { $0.frontPicture != nil }) else {
      return [:]
    }
    var digests: [CardImageKey: String] = [:]
    var continuation: String?
    repeat {
      let page = try await store.list(prefix: "decks/\(deck)/", continuation: continuation, deadline: deadline)
      for entry in page.entries { if let key = CardImageKey(entry.key) { digests[key] = entry.etag.lowercased() } }
      continuation = page.continuation
    } while continuation != nil
    return digests
  }

  private func write(
    _ images: [AnkiImportPlan.Image], of cards: AnkiCards, until deadline: ContinuousClock.Instant
  ) async throws {
    try await withThrowingTaskGroup(of: Void.self) { group in
      for (index, image) in images.enumerated() {
        if index >= Self.atOnce { try await group.next() }
        guard let bytes = cards.pictures[image.name]?.bytes else { preconditionFailure("an image of no package") }
        group.addTask {
          try await store.put(
            bytes, image.target.text, contentType: image.target.type.contentType, deadline: deadline)
        }
      }
      try await group.waitForAll()
    }
  }
}
