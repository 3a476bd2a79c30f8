import HTTPService

/// What importing a package comes to, given the deck as it is: pure.
struct AnkiImportPlan: Sendable {
  /// An image that is to be written, by the name of its file in the package.
  struct Image: Sendable {
    let name: String
    let target: CardImageKey
  }

  /// The cards to be made and changed, and their images.
  struct Edit: Sendable {
    var edit = CardEdit()
    let ids: [Int64]
    var images: [Image] = []

    fileprivate mutating func add(_ picture: ImportPicture?, deck: Int64, card: Int64, _ side: CardSide) -> String? {
      guard let picture else { return nil }
      let target = CardImageKey(deck: deck, card: card, side: side, type: picture.type)
      images.append(Image(name: picture.name, target: target))
      return target.text
    }
  }

  let rows: ImportPlan
  /// The deck's, with those of the notes.
  let tags: [String]
  let addedTags: [String]
  let notes: Int
  let losses: [ImportLoss]
  private let known: [Int64: Card]

  init(
    _ cards: AnkiCards, into deck: Deck, _ known: [Card], _ policy: DuplicatePolicy, pictures: [CardImageKey: String]
  ) {
    var cards = cards
    tags = cards.merge(into: deck.tags)
    addedTags = tags.filter { !deck.tags.contains($0) }
    rows = ImportPlan(cards.rows, into: known, policy, pictures: pictures)
    notes = cards.notes
    losses = cards.lost
    self.known = Dictionary(uniqueKeysWithValues: known.map { ($0.id, $0) })
  }

  /// - Parameter ids: for the new cards.
  func edit(deck: Int64, ids: [Int64]) -> Edit {
    var edit = Edit(ids: ids)
    for (row, id) in zip(rows.created, ids) {
      let card = NewCard(
        frontText: row.front, backText: row.back, frontImage: edit.add(row.frontPicture, deck: deck, card: id, .front),
        backImage: edit.add(row.backPicture, deck: deck, card: id, .back))
      edit.edit.creations.append(.init(place: "", card: card))
    }
    for (id, row) in rows.updated {
      // An image that is there stays: written over, it would be lost where the import is not done after all.
      let new = known[id]?.backImage == nil ? row.backPicture : nil
      let image = edit.add(new, deck: deck, card: id, .back).map { Change.set($0) } ?? .unchanged
      edit.edit.updates.append(.init(place: "", id: id, change: CardChange(backText: row.back, backImage: image)))
    }
    return edit
  }
}
