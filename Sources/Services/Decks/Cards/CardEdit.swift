import HTTPService

/// What is to be done to the cards of one deck, all or nothing. A change of one card is an edit of one.
struct CardEdit: Sendable {
  struct Creation: Sendable {
    /// Where the request says it: empty, or as `cards[3]`.
    let place: String
    let card: NewCard
  }

  struct Update: Sendable {
    let place: String
    let id: Int64
    let change: CardChange
  }

  struct Deletion: Sendable {
    let place: String
    let id: Int64
  }

  var creations: [Creation] = []
  var updates: [Update] = []
  var deletions: [Deletion] = []
}

/// Why an edit is refused: every place of the request that is wrong.
struct CardEditRefusal: Error {
  enum Reason: Sendable, Equatable {
    /// There is no such card in the deck.
    case noSuchCard(Int64)
    /// A card is named twice.
    case namedTwice(Int64)
    /// A new card without these words.
    case missing
    /// A side with neither words nor an image.
    case empty
    case image(ImageRefusal)
  }

  struct Item: Sendable {
    let place: String
    let field: String?
    let reason: Reason

    init(_ place: String, _ field: String? = nil, _ reason: Reason) {
      self.place = place
      self.field = field
      self.reason = reason
    }
  }

  static let emptySide = "must not be empty, unless this side has an image"

  var items: [Item]
}

extension CardEditRefusal.Item {
  var problem: Problem {
    let path = [place, field ?? ""].filter { !$0.isEmpty }.joined(separator: ".")
    return Problem(path, message)
  }

  private var message: String {
    switch reason {
    case .noSuchCard(let id): "the deck has no card \(id)"
    case .namedTwice(let id): "card \(id) is named twice"
    case .missing: "is missing, and a new card needs it"
    case .empty: CardEditRefusal.emptySide
    case .image(let refusal): refusal.message
    }
  }
}
