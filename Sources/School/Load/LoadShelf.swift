import PlatformClient

/// The decks that a load is about: made by an author of its own before it begins.
struct LoadShelf {
  private static let decks = 8
  private static let cards = 30

  private(set) var decks: [Int64] = []
  private(set) var expected = ExpectedEvents()

  init(_ caller: PatientCaller, run: String) throws(PlatformError) {
    let account = PersonAccount(
      name: "Load", surname: "Author", email: "load-\(run)-author@load.example",
      password: String(UInt64.random(in: 1 << 60...UInt64.max), radix: 36))
    var author = SignedInPerson(try caller.send(.register(account)))
    expected.note(EventKey("user_registered", person: author.id))
    for number in 1...Self.decks {
      let deck = try caller.send(
        .createDeck(NewDeck(title: "Load \(run), deck \(number)", categories: ["other"], tags: ["load"])), as: &author)
      expected.note(EventKey("deck_created", person: author.id, deck: deck.id))
      let new = (1...Self.cards).map { NewCard(front: "Question \($0)", back: "Answer \($0)", order: $0) }
      for card in try caller.send(.addCards(new, to: deck.id), as: &author) {
        expected.note(EventKey("card_created", deck: deck.id, card: card.id))
      }
      decks.append(deck.id)
    }
  }
}
