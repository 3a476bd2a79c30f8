import HTTPService
import ServiceContract

/// Changes cards, their images first: an image is made under its card's key, and the card refers to it from the commit on.
struct CardEditor: Sendable {
  let cards: CardStore
  let sweeps: ImageSweepStore
  let intake: ImageIntake
  let urls: ImageURLs

  /// - Throws: ``CardEditRefusal`` with every place that is wrong, and what the stores throw.
  func apply(
    _ edit: CardEdit, to deck: Int64, by caller: Caller, ifMatch: IfMatch?, at now: Int64,
    until deadline: ContinuousClock.Instant
  ) async throws -> CardStore.Outcome {
    let (access, urls) = (DeckAccess(caller), urls)
    var (ids, placed): ([Int64]?, PlacedImages) = (nil, PlacedImages())
    if edit.namesUploads {
      let taken = try await cards.prepare(edit, of: deck, for: access, ifMatch: ifMatch, until: deadline)
      placed = try PlacedImages(edit, deck: deck, ids: taken, of: try caller.person())
      try await sweeps.announce(placed.targets, until: deadline)
      try await intake.place(placed, until: deadline)
      ids = taken
    }
    return try await cards.apply(
      edit, to: deck, ids: ids, placed: placed, for: access, ifMatch: ifMatch, at: now, until: deadline
    ) { urls.names($0, $1) }
  }
}
