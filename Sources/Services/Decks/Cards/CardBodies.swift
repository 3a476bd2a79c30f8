import HTTPService

/// What a card is to be.
struct NewCard: RequestObject {
  struct Fields: FieldSet {
    let front = Field("front_text", CardFields.text, "May be empty where the side has an image.")
    let back = Field("back_text", CardFields.text, "May be empty where the side has an image.")
    let frontImage = Field(nullable: "front_image_url", CardFields.image, CardFields.imageMeaning)
    let backImage = Field(nullable: "back_image_url", CardFields.image, CardFields.imageMeaning)
    let order = Field("order_index", CardFields.order, default: .integer(0))
  }

  let frontText: String
  let backText: String
  let frontImage: String?
  let backImage: String?
  let orderIndex: Int

  init(_ given: Given<Fields>) {
    frontText = given.front
    backText = given.back
    frontImage = given.frontImage
    backImage = given.backImage
    orderIndex = given.order
  }

  init(frontText: String, backText: String, frontImage: String? = nil, backImage: String? = nil, orderIndex: Int = 0) {
    self.frontText = frontText
    self.backText = backText
    self.frontImage = frontImage
    self.backImage = backImage
    self.orderIndex = orderIndex
  }

  /// A side has words, an image, or both.
  static let alternatives = CardSide.allCases.map { side in
    Alternatives(
      side.textField, demand: CardEditRefusal.emptySide,
      [
        [Property(side.textField, .text(TextSchema(1...DeckLimits.cardTextLength.upperBound)))],
        [Property(side.imageField, CardFields.image.schema)],
      ])
  }

  func image(_ side: CardSide) -> String? { side == .front ? frontImage : backImage }
}

/// What is to change of a card; what is left out stays, null takes an image away.
struct CardChange: RequestObject {
  struct Fields: FieldSet {
    let front = Field(optional: "front_text", CardFields.text)
    let back = Field(optional: "back_text", CardFields.text)
    let frontImage = Field(change: "front_image_url", CardFields.image, CardFields.imageMeaning)
    let backImage = Field(change: "back_image_url", CardFields.image, CardFields.imageMeaning)
    let order = Field(optional: "order_index", CardFields.order)
  }

  let frontText: String?
  let backText: String?
  let frontImage: Change<String>
  let backImage: Change<String>
  let orderIndex: Int?

  init(_ given: Given<Fields>) {
    frontText = given.front
    backText = given.back
    frontImage = given.frontImage
    backImage = given.backImage
    orderIndex = given.order
  }

  init(
    frontText: String? = nil, backText: String? = nil, frontImage: Change<String> = .unchanged,
    backImage: Change<String> = .unchanged, orderIndex: Int? = nil
  ) {
    self.frontText = frontText
    self.backText = backText
    self.frontImage = frontImage
    self.backImage = backImage
    self.orderIndex = orderIndex
  }

  func image(_ side: CardSide) -> Change<String> { side == .front ? frontImage : backImage }
}

enum CardFields {
  static let text = Form.text(DeckLimits.cardTextLength)
  static let image = Form.text(1...2048)
  static let order = Form.integer(DeckLimits.orderIndex)
  static let imageMeaning =
    "The `object_key` of an upload of the caller's own; where the side has it already, its URL too."
}
