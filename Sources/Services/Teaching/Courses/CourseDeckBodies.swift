import HTTPService

/// A deck to be added.
struct NewCourseDeck: RequestObject {
  struct Fields: FieldSet {
    let deck = Field("deck_id", .id, "One that the caller may see.")
    let order = Field(optional: "order_index", .integer(CourseLimits.orderIndex), "Behind all others if left out.")
  }

  let deckID: Int64
  let orderIndex: Int?

  init(_ given: Given<Fields>) {
    deckID = given.deck
    orderIndex = given.order
  }
}

/// One of several decks to be added, in their order, behind those that are there.
struct BatchedDeck: RequestObject {
  struct Fields: FieldSet {
    let deck = Field("deck_id", .id)
  }

  let deckID: Int64

  init(_ given: Given<Fields>) { deckID = given.deck }
}

/// Where a deck is to be.
struct CourseDeckPlace: RequestObject {
  struct Fields: FieldSet {
    let order = Field("order_index", .integer(CourseLimits.orderIndex))
  }

  let orderIndex: Int

  init(_ given: Given<Fields>) { orderIndex = given.order }
}

/// Where one of several decks is to be.
struct CourseDeckMove: RequestObject {
  struct Fields: FieldSet {
    let id = Field("id", .id, "Of its place in the course.")
    let order = Field("order_index", .integer(CourseLimits.orderIndex))
  }

  let id: Int64
  let orderIndex: Int

  init(_ given: Given<Fields>) {
    id = given.id
    orderIndex = given.order
  }
}
