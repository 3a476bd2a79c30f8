import CivilTime

/// A card of a deck: what is asked and what is answered, each in words, as an image, or both.
package struct Card: Sendable, Equatable {
  package let id: Int64
  package let deckID: Int64
  package var frontText: String
  package var backText: String
  package var frontImage: CardImageKey?
  package var backImage: CardImageKey?
  /// Cards are shown in its order, those of one number in that of their making.
  package var orderIndex: Int
  /// Counts the card's changes.
  package var version: Int64
  package let created: Instant
  package var updated: Instant

  package init(
    id: Int64, deckID: Int64, frontText: String, backText: String, frontImage: CardImageKey? = nil,
    backImage: CardImageKey? = nil, orderIndex: Int, version: Int64, created: Instant, updated: Instant
  ) {
    self.id = id
    self.deckID = deckID
    self.frontText = frontText
    self.backText = backText
    self.frontImage = frontImage
    self.backImage = backImage
    self.orderIndex = orderIndex
    self.version = version
    self.created = created
    self.updated = updated
  }

  subscript(side: CardSide) -> (text: String, image: CardImageKey?) {
    switch side {
    case .front: (frontText, frontImage)
    case .back: (backText, backImage)
    }
  }

  var images: [CardImageKey] { [frontImage, backImage].compactMap(\.self) }
}

package enum CardSide: String, Sendable, CaseIterable {
  case front, back

  /// The field of a request and an answer that has its words.
  var textField: String { "\(rawValue)_text" }
  /// The field that has its image.
  var imageField: String { "\(rawValue)_image_url" }
}
