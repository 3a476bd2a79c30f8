import JSON
import ServiceContract

/// What the decks service says of a deck.
struct KnownDeck: Sendable, Equatable {
  let id: Int64
  let ownerID: Int64
  let title: String
  let isPublic: Bool
  let cardsAmount: Int

  /// Whether the caller learns what it is called: as the decks service has it.
  func isVisible(to caller: Caller) -> Bool { isPublic || caller.mayChange(whatIsOwnedBy: ownerID) }
}

extension KnownDeck {
  /// Of the decks service's answer.
  /// - Throws: `.protocolViolation`.
  init(_ json: JSONValue) throws(ServiceCallError) {
    guard let id = json["id"]?.int64, let owner = json["owner_id"]?.int64, case .string(let title)? = json["title"],
      case .string(let visibility)? = json["visibility"], let amount = json["cards_amount"]?.int64
    else { throw .protocolViolation("the answer is no list of decks") }
    self.init(
      id: id, ownerID: owner, title: title, isPublic: visibility == "public", cardsAmount: Int(amount))
  }
}
