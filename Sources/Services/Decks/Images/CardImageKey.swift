/// Where a card's image is: `decks/{deck}/card/{card}/images/{front|back}.{ext}`.
package struct CardImageKey: Sendable, Hashable {
  package let deck: Int64
  package let card: Int64
  package let side: CardSide
  package let type: ImageType

  package var text: String {
    "decks/\(deck)/card/\(card)/images/\(side.rawValue).\(type.fileExtension)"
  }

  package init(deck: Int64, card: Int64, side: CardSide, type: ImageType) {
    self.deck = deck
    self.card = card
    self.side = side
    self.type = type
  }

  /// Nil for what is no such key.
  package init?(_ text: String) {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count == 6, let deck = Int64(parts[1]), let card = Int64(parts[3]) else { return nil }
    let name = parts[5].split(separator: ".", omittingEmptySubsequences: false)
    guard name.count == 2, let side = CardSide(rawValue: String(name[0])), let type = ImageType(fileExtension: name[1])
    else { return nil }
    self.init(deck: deck, card: card, side: side, type: type)
    guard self.text == text else { return nil }
  }
}
