import HTTPService
import ServiceContract

/// Which decks are asked for.
struct DeckQuery: RequestObject {
  struct Fields: FieldSet {
    let author = Field(optional: "author", .id, "Whose decks.")
    let category = Field(optional: "category", .text(1...50), "A category's slug.")
    let tag = Field(optional: "tag", .text(DeckLimits.tagLength, .notBlank))
    let words = Field(
      optional: "q", .text(1...100, .notBlank), "Part of the title or the description, in capital or small letters.")
    let cursor = PageRequest.cursorField
    let limit = PageRequest.limitField
  }

  let author: Int64?
  let category: String?
  let tag: String?
  let words: String?
  let cursor: String?
  let limit: Int

  init(_ given: Given<Fields>) {
    author = given.author
    category = given.category
    tag = given.tag.map(DeckTag.normalized)
    words = given.words
    cursor = given.cursor
    limit = given.limit
  }

  /// All that decides which decks the list has, but for who asks.
  var filters: [String] { [author.map { "\($0)" } ?? "", category ?? "", tag ?? "", words ?? ""] }
}
