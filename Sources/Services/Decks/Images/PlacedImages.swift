/// Images that are made for the cards of a request: of uploads that they refer to, or of a file that came with them.
struct PlacedImages: Sendable {
  struct Move: Sendable {
    /// Where the request says it, with the field.
    let place: String
    let side: CardSide
    let upload: TemporaryImage
    let target: CardImageKey
  }

  private struct Side: Hashable {
    let card: Int64
    let side: CardSide
  }

  private(set) var moves: [Move] = []
  private var made: [Side: CardImageKey] = [:]

  var isEmpty: Bool { moves.isEmpty && made.isEmpty }
  var targets: [String] { moves.map(\.target.text) + made.values.map(\.text) }
  var uploads: [String] { moves.map(\.upload.key) }

  /// The image that was placed for a side of a card.
  func image(of card: Int64, _ side: CardSide) -> CardImageKey? {
    made[Side(card: card, side: side)] ?? moves.first { $0.target.card == card && $0.side == side }?.target
  }

  /// Images that are written where they belong.
  init(made targets: [CardImageKey]) {
    for target in targets { made[Side(card: target.card, side: target.side)] = target }
  }

  /// What an edit asks for: its uploads, each to the card that refers to it.
  /// - Parameter ids: for the new cards.
  /// - Throws: ``CardEditRefusal`` for uploads of others.
  init(_ edit: CardEdit, deck: Int64, ids: [Int64], of person: Int64) throws(CardEditRefusal) {
    var refused: [CardEditRefusal.Item] = []
    func add(_ name: String?, _ card: Int64, _ side: CardSide, _ place: String) {
      guard let name, let upload = TemporaryImage(key: name) else { return }
      guard upload.person == person else {
        refused.append(.init(place, side.imageField, .image(.notYours)))
        return
      }
      let target = CardImageKey(deck: deck, card: card, side: side, type: upload.type)
      moves.append(Move(place: place, side: side, upload: upload, target: target))
    }
    for side in CardSide.allCases {
      for (creation, id) in zip(edit.creations, ids) { add(creation.card.image(side), id, side, creation.place) }
      for update in edit.updates { add(update.change.image(side).value, update.id, side, update.place) }
    }
    guard refused.isEmpty else { throw CardEditRefusal(items: refused) }
  }

  /// None.
  init() {}
}

extension CardEdit {
  /// Whether some card refers to an upload.
  var namesUploads: Bool {
    let names = CardSide.allCases.flatMap { side in
      creations.map { $0.card.image(side) } + updates.map { $0.change.image(side).value }
    }
    return names.contains { $0.flatMap { TemporaryImage(key: $0) } != nil }
  }
}
