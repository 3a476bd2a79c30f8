/// What to do with a row whose front the deck, or a row before it, has already.
package enum DuplicatePolicy: String, CaseIterable, Sendable {
  /// The first stays.
  case skip
  /// The card gets the row's back; of several rows the last one's.
  case update
  /// One more card.
  case add
}

/// What an import comes to, given the cards of the deck: pure.
package struct ImportPlan: Sendable {
  package enum Action: String, CaseIterable, Sendable {
    case create, update, skip
  }

  package struct Step: Sendable {
    package let row: ImportTable.Row
    package var action: Action
  }

  /// For each row, in order.
  package private(set) var steps: [Step] = []
  package private(set) var created: [ImportTable.Row] = []
  /// Cards as they will be.
  package private(set) var updated: [(id: Int64, row: ImportTable.Row)] = []

  /// By which two cards are one. Texts that are the same in Unicode's sense are: `й` may be one scalar or two.
  private struct Front: Hashable {
    let text: String
    /// The digest of its image.
    let picture: String?
  }

  /// - Parameter pictures: the digests of the cards' images; nil where rows have none, and fronts are told apart by their texts
  ///   alone.
  package init(
    _ rows: [ImportTable.Row], into cards: [Card], _ policy: DuplicatePolicy, pictures: [CardImageKey: String]? = nil
  ) {
    var existing: [Front: Card] = [:]
    for card in cards {
      let front = Front(
        text: card.frontText, picture: pictures.flatMap { known in card.frontImage.map { known[$0] ?? "" } })
      if existing[front] == nil { existing[front] = card }
    }
    var createdPlace: [Front: Int] = [:]
    var updatedPlace: [Front: Int] = [:]
    for row in rows {
      let front = Front(text: row.front, picture: row.frontPicture?.digest)
      var action = Action.skip
      if policy == .add || existing[front] == nil && createdPlace[front] == nil {
        createdPlace[front] = created.count
        created.append(row)
        action = .create
      } else if policy == .update {
        if let place = createdPlace[front] {
          created[place] = row
          action = .update
        } else if let place = updatedPlace[front] {
          updated[place].row = row
          action = .update
        } else if let card = existing[front], Self.changes(card, row) {
          updatedPlace[front] = updated.count
          updated.append((card.id, row))
          action = .update
        }
      }
      steps.append(Step(row: row, action: action))
    }
  }

  /// An image that a card has stays.
  private static func changes(_ card: Card, _ row: ImportTable.Row) -> Bool {
    card.backText != row.back || row.orderIndex.map { $0 != card.orderIndex } == true
      || card.backImage == nil && row.backPicture != nil
  }
}
