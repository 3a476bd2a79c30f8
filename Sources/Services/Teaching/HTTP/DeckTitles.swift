import ServiceContract

/// Puts to the decks of courses what the decks service says of them.
struct DeckTitles: Sendable {
  let directory: DeckDirectory

  /// Without titles where they are not known now.
  func answers(_ decks: [CourseDeck], of course: Int64, _ context: CallContext) async -> [CourseDeckAnswer] {
    let known = decks.isEmpty ? [:] : await directory.decks(decks.map(\.deckID), for: context)
    return decks.map { deck in
      let known = known[deck.deckID].flatMap { $0.isVisible(to: context.caller) ? $0 : nil }
      return CourseDeckAnswer(deck, of: course, known)
    }
  }
}
