import PlatformClient

/// A deck of the school as its text says it.
///
/// A file has decks, each begun by `# title`; then come `about:`, `categories:`, `tags:` and perhaps `week:`, and a line a card:
/// front, back and perhaps a picture, with tabs between them.
package struct DeckText: Sendable, Equatable {
  package struct Card: Sendable, Equatable {
    package let front: String
    package let back: String
    package let picture: Picture?
  }

  package let language: Language
  package let title: String
  package fileprivate(set) var about = ""
  package fileprivate(set) var categories: [String] = []
  package fileprivate(set) var tags: [String] = []
  /// The week of the school's history in which it is made; 0 before the first learner comes.
  package fileprivate(set) var week = 0
  package fileprivate(set) var cards: [Card] = []

  fileprivate init(_ language: Language, title: String) {
    self.language = language
    self.title = title
  }

  var deck: NewDeck { NewDeck(title: title, description: about, categories: categories, tags: tags) }
}

/// Where a text of decks is none, by its line.
package struct DeckTextError: Error, Equatable, CustomStringConvertible {
  package let line: Int
  package let reason: String

  package var description: String { "line \(line) \(reason)" }
}

extension DeckText {
  package static func read(_ text: String, _ language: Language) throws(DeckTextError) -> [DeckText] {
    var decks: [DeckText] = []
    for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() where !line.isEmpty
    {
      let place = index + 1
      if line.hasPrefix("# ") {
        decks.append(DeckText(language, title: String(line.dropFirst(2))))
        continue
      }
      guard !decks.isEmpty else { throw DeckTextError(line: place, reason: "comes before the first deck") }
      try decks[decks.count - 1].take(line, place)
    }
    return decks
  }

  private mutating func take(_ line: Substring, _ place: Int) throws(DeckTextError) {
    let fields = line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
    if fields.count == 1 {
      try head(line, place)
      return
    }
    guard fields.count <= 3, !fields[0].isEmpty, !fields[1].isEmpty else {
      throw DeckTextError(line: place, reason: "is no card: front, back and perhaps a picture")
    }
    var picture: Picture?
    if fields.count == 3 {
      picture = Picture(fields[2])
      guard picture != nil else { throw DeckTextError(line: place, reason: "has a picture that cannot be drawn") }
    }
    cards.append(Card(front: fields[0], back: fields[1], picture: picture))
  }

  private mutating func head(_ line: Substring, _ place: Int) throws(DeckTextError) {
    guard let colon = line.firstIndex(of: ":") else {
      throw DeckTextError(line: place, reason: "is neither a card nor a property of the deck")
    }
    let value = String(line[line.index(after: colon)...].drop { $0 == " " })
    let list = value.split(separator: ",").map { String($0.drop { $0 == " " }) }
    switch line[..<colon] {
    case "about": about = value
    case "categories": categories = list
    case "tags": tags = list
    case "week":
      guard let number = Int(value), number >= 0 else { throw DeckTextError(line: place, reason: "has no week") }
      week = number
    default: throw DeckTextError(line: place, reason: "has a property that decks do not have")
    }
  }
}
