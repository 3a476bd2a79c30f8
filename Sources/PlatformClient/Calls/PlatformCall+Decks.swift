import HTTPClient
import JSON

/// Decks, cards and their images: `/decks/decks/…` and `/decks/deck/…`.
extension PlatformCall where Answer == [DeckRecord] {
  /// The newest decks that the caller may see.
  /// - Parameter author: only his; nil for everybody's.
  package static func listDecks(author: Int64? = nil, limit: Int = 20) -> PlatformCall {
    let path = "/decks/decks/?limit=\(limit)" + (author.map { "&author=\($0)" } ?? "")
    return PlatformCall(.listDecks, .get, path) { answer throws(PlatformError) in
      try answer.array { value throws(PlatformError) in try DeckRecord(value) }
    }
  }
}

extension PlatformCall where Answer == DeckRecord {
  package static func deck(_ id: Int64) -> PlatformCall {
    PlatformCall(.getDeck, .get, "/decks/decks/\(id)/", read: read)
  }

  package static func createDeck(_ deck: NewDeck) -> PlatformCall {
    PlatformCall(.createDeck, .post, "/decks/decks/", body: deck.body, read: read)
  }

  package static func changeDeck(_ id: Int64, description: String) -> PlatformCall {
    let body = JSONValue.members([("description", .string(description))])
    return PlatformCall(.changeDeck, .patch, "/decks/decks/\(id)/", body: body, read: read)
  }

  /// - Parameter key: a repeat under it makes no second copy.
  package static func copyDeck(_ id: Int64, key: String) -> PlatformCall {
    PlatformCall(.copyDeck, .post, "/decks/decks/\(id)/copy", idempotencyKey: key, read: read)
  }

  private static var read: @Sendable (AnswerValue) throws(PlatformError) -> DeckRecord {
    { answer throws(PlatformError) in try DeckRecord(answer) }
  }
}

extension PlatformCall where Answer == [CardRecord] {
  /// Adds cards to a deck, all or none.
  package static func addCards(_ cards: [NewCard], to deck: Int64) -> PlatformCall {
    let body = JSONValue.members([("cards", .array(cards.map(\.body)))])
    return PlatformCall(.changeCards, .patch, "/decks/deck/decks/\(deck)/cards", body: body, ifMatch: "*") {
      answer throws(PlatformError) in
      try answer.member("cards").array { value throws(PlatformError) in try CardRecord(value) }
    }
  }
}

extension PlatformCall where Answer == ImageUpload {
  /// - Parameter size: of the PNG, in bytes; no other is taken.
  package static func presignPNG(_ filename: String, size: Int) -> PlatformCall {
    let body = JSONValue.members([
      ("filename", .string(filename)), ("content_type", .string("image/png")), ("size", .integer(size)),
    ])
    return PlatformCall(.presignImage, .post, "/decks/deck/uploads/presign", body: body) {
      answer throws(PlatformError) in try ImageUpload(answer)
    }
  }
}
