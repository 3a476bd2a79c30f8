import CivilTime

/// What an edit comes to, given the deck and its cards as they are: pure, decided while the deck is locked.
struct CardEditPlan: Sendable {
  /// The new cards, and those that have changed, each as it will be.
  private(set) var created: [Card] = []
  private(set) var updated: [Card] = []
  private(set) var deleted: [Int64] = []
  /// The cards that the edit creates, then those that it names for a change, changed or not.
  private(set) var named: [Card] = []
  /// Images that no card will have any more.
  private(set) var released: [CardImageKey] = []

  var changesNothing: Bool { created.isEmpty && updated.isEmpty && deleted.isEmpty }

  /// - Parameters:
  ///   - cards: those of the deck that the edit names, as they are.
  ///   - ids: for the new cards.
  ///   - placed: the images that were made for the edit, by what the request calls them.
  ///   - isSame: whether what the request says is the image that is there.
  /// - Throws: ``CardEditRefusal`` with every place that is wrong.
  init(
    _ edit: CardEdit, deck: Int64, cards: [Card], ids: [Int64], placed: PlacedImages, at now: Int64,
    isSame: (String, CardImageKey) -> Bool
  ) throws(CardEditRefusal) {
    let known = Dictionary(uniqueKeysWithValues: cards.map { ($0.id, $0) })
    let moment = Instant(milliseconds: Int(now))
    var refused: [CardEditRefusal.Item] = []
    for (creation, id) in zip(edit.creations, ids) {
      let new = creation.card
      var card = Card(
        id: id, deckID: deck, frontText: new.frontText, backText: new.backText, frontImage: nil, backImage: nil,
        orderIndex: new.orderIndex, version: 1, created: moment, updated: moment)
      for side in CardSide.allCases {
        guard let name = new.image(side) else { continue }
        if let image = placed.image(of: id, side) {
          card.set(image, side)
        } else {
          refused.append(Self.refusal(creation.place, side, name))
        }
      }
      refused += Self.emptySides(of: card, creation.place)
      created.append(card)
      named.append(card)
    }
    for update in edit.updates {
      guard let old = known[update.id] else {
        refused.append(.init(update.place, nil, .noSuchCard(update.id)))
        continue
      }
      var (card, isTouched) = (old, false)
      if let text = update.change.frontText { card.frontText = text }
      if let text = update.change.backText { card.backText = text }
      if let order = update.change.orderIndex { card.orderIndex = order }
      for side in CardSide.allCases {
        switch update.change.image(side) {
        case .unchanged: break
        case .cleared: card.set(nil, side)
        case .set(let name):
          if let image = placed.image(of: old.id, side) {
            card.set(image, side)
            isTouched = true
          } else if old[side].image.map({ isSame(name, $0) }) != true {
            refused.append(Self.refusal(update.place, side, name))
          }
        }
      }
      refused += Self.emptySides(of: card, update.place)
      guard card != old || isTouched else {
        named.append(old)
        continue
      }
      card.version += 1
      card.updated = moment
      released += old.images.filter { !card.images.contains($0) }
      updated.append(card)
      named.append(card)
    }
    for deletion in edit.deletions {
      guard let old = known[deletion.id] else {
        refused.append(.init(deletion.place, nil, .noSuchCard(deletion.id)))
        continue
      }
      released += old.images
      deleted.append(old.id)
    }
    guard refused.isEmpty else { throw CardEditRefusal(items: refused) }
  }

  /// An image that is nobody's: either what the request says is no upload, or the upload was not looked at.
  private static func refusal(_ place: String, _ side: CardSide, _ name: String) -> CardEditRefusal.Item {
    .init(place, side.imageField, .image(.notAnUpload))
  }

  private static func emptySides(of card: Card, _ place: String) -> [CardEditRefusal.Item] {
    CardSide.allCases.filter { card[$0].text.isEmpty && card[$0].image == nil }.map {
      .init(place, $0.textField, .empty)
    }
  }
}

extension Card {
  fileprivate mutating func set(_ image: CardImageKey?, _ side: CardSide) {
    switch side {
    case .front: frontImage = image
    case .back: backImage = image
    }
  }
}
