/// What to do with a row whose front the deck, or a row before it, has already.
package enum DuplicatePolicy: String, CaseIterable, Sendable {
  /// The first stays.
  case skip
  /// The card gets the row's back; of several rows the last one's.
  case update
  /// One more card.
  case add
}

/// What an import comes to, given the cards of the deck: pure, decided while the deck is locked.
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
  package private(set) var updated: [(id: Int64, back: String, orderIndex: Int?)] = []

  package init(_ rows: [ImportTable.Row], into cards: [Card], _ policy: DuplicatePolicy) {
    // Texts that are the same in Unicode's sense are one: `й` may be one scalar or two.
    var existing: [String: Card] = [:]
    for card in cards where existing[card.frontText] == nil { existing[card.frontText] = card }
    var createdPlace: [String: Int] = [:]
    var updatedPlace: [String: Int] = [:]
    for row in rows {
      var action = Action.skip
      if policy == .add || existing[row.front] == nil && createdPlace[row.front] == nil {
        createdPlace[row.front] = created.count
        created.append(row)
        action = .create
      } else if policy == .update {
        if let place = createdPlace[row.front] {
          created[place] = row
          action = .update
        } else if let place = updatedPlace[row.front] {
          updated[place] = (updated[place].id, row.back, row.orderIndex)
          action = .update
        } else if let card = existing[row.front] {
          if card.backText != row.back || row.orderIndex.map({ $0 != card.orderIndex }) == true {
            updatedPlace[row.front] = updated.count
            updated.append((card.id, row.back, row.orderIndex))
            action = .update
          }
        }
      }
      steps.append(Step(row: row, action: action))
    }
  }
}
