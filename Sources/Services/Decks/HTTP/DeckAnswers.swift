import CivilTime
import HTTPService

/// A card as answers have it.
struct CardAnswer: Sendable {
  let card: Card
  let frontURL: String?
  let backURL: String?

  init(_ card: Card, _ urls: ImageURLs, in window: Int) throws {
    self.card = card
    frontURL = try card.frontImage.map { try urls.url($0, version: card.version, in: window) }
    backURL = try card.backImage.map { try urls.url($0, version: card.version, in: window) }
  }

  static let representation = Representation<CardAnswer>(
    .object(
      ObjectSchema(
        "Card",
        [
          Property("id", .rowID), Property("deck_id", .rowID), Property("front_text", .words),
          Property("back_text", .words),
          Property("front_image_url", .nullable(.words), meaning: "Signed when read; holds for two days at most."),
          Property("back_image_url", .nullable(.words), meaning: "Signed when read; holds for two days at most."),
          Property("order_index", .amount), Property("created_at", .moment), Property("updated_at", .moment),
        ]))
  ) { answer, output in
    let card = answer.card
    output.object { object in
      object.member("id", card.id)
      object.member("deck_id", card.deckID)
      object.member("front_text", card.frontText)
      object.member("back_text", card.backText)
      object.member("front_image_url", answer.frontURL)
      object.member("back_image_url", answer.backURL)
      object.member("order_index", card.orderIndex)
      object.member("created_at", card.created)
      object.member("updated_at", card.updated)
    }
  }
}

/// A deck with its cards as answers have it.
struct DeckDetail: Sendable {
  let deck: Deck
  let cards: [CardAnswer]

  static let representation = Representation<DeckDetail>(
    .object(
      ObjectSchema(
        "DeckDetail",
        Deck.properties + [
          Property("cards", .array(CardAnswer.representation.schema, count: 0...Int.max), meaning: "In their order.")
        ]))
  ) { detail, output in
    output.object { object in
      detail.deck.write(to: &object)
      object.array("cards") { array in
        for card in detail.cards { array.element(card) }
      }
    }
  }
}

extension CardAnswer: JSONWritable {
  func write(to output: inout JSONOutput) { Self.representation.write(self, &output) }
}

extension Deck {
  static let representation = Representation<Deck>(.object(ObjectSchema("Deck", properties))) { deck, output in
    output.object { deck.write(to: &$0) }
  }

  fileprivate static let properties = [
    Property("id", .rowID), Property("owner_id", .rowID),
    Property("owner_deleted", .boolean, meaning: "Whether the owner's account is gone: show “deleted user”."),
    Property("title", .words), Property("description", .words),
    Property("visibility", .text(TextSchema(choices: DeckVisibility.allCases.map(\.rawValue)))),
    Property("cards_amount", .amount), Property("categories", .array(.words, count: 0...Int.max), meaning: "Slugs."),
    Property("tags", .array(.words, count: 0...Int.max)),
    Property("copied_from", .nullable(.rowID), meaning: "The deck it was copied from; it may be gone."),
    Property("created_at", .moment), Property("updated_at", .moment, meaning: "Of the deck or one of its cards."),
  ]

  fileprivate func write(to object: inout JSONObjectWriter) {
    object.member("id", id)
    object.member("owner_id", ownerID)
    object.member("owner_deleted", isOwnerErased)
    object.member("title", title)
    object.member("description", description)
    object.member("visibility", visibility.rawValue)
    object.member("cards_amount", cardsAmount)
    object.array("categories") { array in for category in categories { array.element(category) } }
    object.array("tags") { array in for tag in tags { array.element(tag) } }
    object.member("copied_from", copiedFrom)
    object.member("created_at", created)
    object.member("updated_at", updated)
  }
}

extension ValueSchema {
  fileprivate static let rowID = ValueSchema.integer(1...Int.max)
  fileprivate static let amount = ValueSchema.integer(0...Int.max)
  fileprivate static let words = ValueSchema.text(TextSchema())
  fileprivate static let moment = ValueSchema.text(TextSchema(rule: .moment))
}
