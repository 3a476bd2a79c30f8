/// The decks and courses that exist so far. Decks are numbered in the order of their creation.
struct Shelf: Sendable {
  static let cardsAtMost = 64

  let deckCount: Int
  let courseCount: Int
  private(set) var created = 0
  /// Decks one can learn from, most popular first.
  private(set) var ready: [Int] = []
  /// Per deck: a bit for each card it has now, and its author.
  private var cards: [UInt64]
  private var authors: [Int32]
  /// Per deck: whether its course has it, and how often it was renamed.
  var listed: [Bool]
  private var deckNames: [UInt8]
  var courses: [Course]
  var coursesDeleted = 0
  private let popularity: ZipfDistribution

  init(decks: Int, courses: Int, skew: Double) {
    deckCount = max(1, decks)
    courseCount = max(1, courses)
    cards = Array(repeating: 0, count: deckCount)
    authors = Array(repeating: -1, count: deckCount)
    listed = Array(repeating: false, count: deckCount)
    deckNames = Array(repeating: 0, count: deckCount)
    self.courses = Array(repeating: Course(), count: courseCount)
    popularity = ZipfDistribution(count: deckCount, skew: skew)
  }

  enum Choice {
    case learn(deck: Int)
    case author(deck: Int)
    case nothingToDo
  }

  /// A deck to learn from, the more popular the likelier, or a new one to make, of which at most `limit` may exist.
  mutating func choose(limit: Int, author user: Int, using random: inout SeededGenerator) -> Choice {
    let rank = popularity.next(using: &random)
    if rank < ready.count { return .learn(deck: ready[rank]) }
    if created < min(limit, deckCount) {
      authors[created] = Int32(user)
      created += 1
      return .author(deck: created - 1)
    }
    return ready.isEmpty ? .nothingToDo : .learn(deck: ready[rank % ready.count])
  }

  func author(ofDeck deck: Int) -> Int { Int(authors[deck]) }

  mutating func add(card: Int, to deck: Int) { cards[deck] |= 1 << UInt64(card) }
  mutating func remove(card: Int, from deck: Int) { cards[deck] &= ~(1 << UInt64(card)) }
  func cardCount(_ deck: Int) -> Int { cards[deck].nonzeroBitCount }

  /// The `n`-th card the deck has, counted round.
  func card(_ n: Int, of deck: Int) -> Int {
    var rest = cards[deck]
    for _ in 0..<n % max(1, rest.nonzeroBitCount) { rest &= rest &- 1 }
    return min(rest.trailingZeroBitCount, Self.cardsAtMost - 1)
  }

  mutating func open(deck: Int) { ready.append(deck) }
  var mayLoseDeck: Bool { ready.count > max(3, created / 2) }
  mutating func close(deck: Int) { ready.removeAll { $0 == deck } }

  /// Nil for private decks, whose titles no event tells.
  func title(ofDeck deck: Int) -> String? { Names.deck(deck, version: Int(deckNames[deck])) }
  mutating func rename(deck: Int) { deckNames[deck] &+= 1 }
}
