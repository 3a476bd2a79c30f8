/// A deck as the platform shows it.
package struct DeckRecord: Sendable, Equatable {
  package let id: Int64
  package let ownerID: Int64
  package let title: String
  package let description: String
  package let cardsAmount: Int
  /// In their order; empty where a list shows the deck.
  package let cards: [CardRecord]

  init(_ answer: AnswerValue) throws(PlatformError) {
    id = try answer.member("id").id()
    ownerID = try answer.member("owner_id").id()
    title = try answer.member("title").text()
    description = try answer.member("description").text()
    cardsAmount = Int(try answer.member("cards_amount").integer())
    cards = try answer.optional("cards")?.array { value throws(PlatformError) in try CardRecord(value) } ?? []
  }
}

package struct CardRecord: Sendable, Equatable {
  package let id: Int64
  package let frontText: String
  /// Signed when read; nil without an image.
  package let frontImageURL: String?

  init(_ answer: AnswerValue) throws(PlatformError) {
    id = try answer.member("id").id()
    frontText = try answer.member("front_text").text()
    frontImageURL = try answer.optional("front_image_url")?.text()
  }
}

/// Where an image is to be sent, and what a card calls it then.
package struct ImageUpload: Sendable {
  package let url: String
  package let objectKey: String
  package let headers: [(name: String, value: String)]

  init(_ answer: AnswerValue) throws(PlatformError) {
    url = try answer.member("put_url").text()
    objectKey = try answer.member("object_key").text()
    headers = try answer.member("headers").texts()
  }
}
