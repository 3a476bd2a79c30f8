import HTTPService

/// What a deck is to be.
struct NewDeck: RequestObject {
  struct Fields: FieldSet {
    let title = Field("title", .text(DeckLimits.titleLength, .notBlank))
    let description = Field("description", .text(DeckLimits.descriptionLength), default: .string(""))
    let visibility = Field(
      "visibility", .choice(of: DeckVisibility.self), default: .string("public"), "Who may see it.")
    let categories = Field("categories", DeckFields.categories, default: .array([]), "Slugs of categories.")
    let tags = Field("tags", DeckFields.tags, default: .array([]), "Kept in small letters, each once.")
  }

  let title: String
  let description: String
  let visibility: DeckVisibility
  let categories: [String]
  let tags: [String]

  init(_ given: Given<Fields>) {
    title = given.title
    description = given.description
    visibility = given.visibility
    categories = Set(given.categories).sorted()
    tags = DeckTag.normalized(given.tags)
  }
}

/// What is to change of a deck; what is left out stays.
struct DeckChange: RequestObject {
  struct Fields: FieldSet {
    let title = Field(optional: "title", .text(DeckLimits.titleLength, .notBlank))
    let description = Field(optional: "description", .text(DeckLimits.descriptionLength))
    let visibility = Field(optional: "visibility", .choice(of: DeckVisibility.self))
    let categories = Field(optional: "categories", DeckFields.categories, "All of them, in place of those it has.")
    let tags = Field(optional: "tags", DeckFields.tags, "All of them, in place of those it has.")
  }

  let title: String?
  let description: String?
  let visibility: DeckVisibility?
  let categories: [String]?
  let tags: [String]?

  init(_ given: Given<Fields>) {
    title = given.title
    description = given.description
    visibility = given.visibility
    categories = given.categories.map { Set($0).sorted() }
    tags = given.tags.map(DeckTag.normalized)
  }

  func applied(to deck: Deck) -> Deck {
    var deck = deck
    if let title { deck.title = title }
    if let description { deck.description = description }
    if let visibility { deck.visibility = visibility }
    if let categories { deck.categories = categories }
    if let tags { deck.tags = tags }
    return deck
  }
}

enum DeckFields {
  static let categories = Form.array(of: .text(1...50), count: 0...DeckLimits.categories)
  static let tags = Form.array(of: .text(DeckLimits.tagLength, .notBlank), count: 0...DeckLimits.tags)
}
