import HTTPService

/// A change of many cards at once, all or nothing.
struct BulkChange: RequestObject {
  struct Fields: FieldSet {
    let cards = Field(
      "cards", .array(of: .object(BulkCard.self), count: 0...DeckLimits.cardsPerChange), default: .array([]),
      "Without an id: created. With one: changed, as PATCH does.")
    let toDelete = Field(
      "to_delete", .array(of: .id, count: 0...DeckLimits.cardsPerChange), default: .array([]), "Ids of cards.")
  }

  let cards: [BulkCard]
  let toDelete: [Int64]

  init(_ given: Given<Fields>) {
    cards = given.cards
    toDelete = given.toDelete
  }

  /// - Throws: ``CardEditRefusal`` when a new card has no words for a side, or a card is named twice.
  func edit() throws(CardEditRefusal) -> CardEdit {
    var edit = CardEdit()
    var refused: [CardEditRefusal.Item] = []
    var named: Set<Int64> = []
    for (index, card) in cards.enumerated() {
      let place = "cards[\(index)]"
      if let id = card.id {
        if !named.insert(id).inserted { refused.append(.init(place, "id", .namedTwice(id))) }
        edit.updates.append(.init(place: place, id: id, change: card.change))
      } else if let new = card.new {
        edit.creations.append(.init(place: place, card: new))
      } else {
        let missing = CardSide.allCases.filter { ($0 == .front ? card.change.frontText : card.change.backText) == nil }
        refused += missing.map { .init(place, $0.textField, .missing) }
      }
    }
    for (index, id) in toDelete.enumerated() {
      let place = "to_delete[\(index)]"
      if !named.insert(id).inserted { refused.append(.init(place, nil, .namedTwice(id))) }
      edit.deletions.append(.init(place: place, id: id))
    }
    guard refused.isEmpty else { throw CardEditRefusal(items: refused) }
    return edit
  }
}

/// A card of a bulk change.
struct BulkCard: RequestObject {
  struct Fields: FieldSet {
    let id = Field(optional: "id", .id)
    let front = Field(optional: "front_text", CardFields.text)
    let back = Field(optional: "back_text", CardFields.text)
    let frontImage = Field(change: "front_image_url", CardFields.image, CardFields.imageMeaning)
    let backImage = Field(change: "back_image_url", CardFields.image, CardFields.imageMeaning)
    let order = Field(optional: "order_index", CardFields.order)
  }

  let id: Int64?
  let change: CardChange

  init(_ given: Given<Fields>) {
    id = given.id
    change = CardChange(
      frontText: given.front, backText: given.back, frontImage: given.frontImage, backImage: given.backImage,
      orderIndex: given.order)
  }

  /// Nil without the words of both sides.
  var new: NewCard? {
    guard let front = change.frontText, let back = change.backText else { return nil }
    return NewCard(
      frontText: front, backText: back, frontImage: change.frontImage.value, backImage: change.backImage.value,
      orderIndex: change.orderIndex ?? 0)
  }
}

extension Change {
  var value: Value? { if case .set(let value) = self { value } else { nil } }
}
