import HTTPService
import Postgres
import ServiceContract

/// By which a caller may see a deck (a public one everybody; any its owner, managers and the platform's services) or change
/// it (its owner and managers). The one rule, as SQL and as a function.
package struct DeckAccess: Sendable {
  package static let notFound = FailureDeclaration(.notFound, "DECK_NOT_FOUND", "There is no such deck.")
  package static let notYours = FailureDeclaration(
    .forbidden, "DECK_NOT_YOURS", "A deck is changed by its owner and by managers.")

  private let caller: Caller

  package init(_ caller: Caller) {
    self.caller = caller
  }

  /// Holds for a row of `decks` named `d` that the caller may see. It uses the parameters `$first` and `$first + 1`, which are
  /// ``parameters``.
  package static func visible(_ first: Int) -> String {
    "(d.visibility = 'public' OR d.owner_id = $\(first) OR $\(first + 1))"
  }

  /// Of ``visible(_:)``: the caller's id, 0 for none, and whether everything is seen.
  package var parameters: [PostgresValue] { [.int8(caller.personID ?? 0), .bool(seesAll)] }

  /// Whether only public decks are seen.
  var isAnonymous: Bool { caller.personID == nil && !seesAll }

  private var seesAll: Bool {
    switch caller {
    case .manager, .service: true
    case .anonymous, .learner: false
    }
  }

  package func sees(_ visibility: DeckVisibility, ownedBy owner: Int64) -> Bool {
    visibility == .everyone || seesAll || caller.personID == owner
  }

  /// - Throws: 404 for who may not see the deck, 403 for who may see it only.
  package func requireChange(_ visibility: DeckVisibility, ownedBy owner: Int64) throws(RequestFailure) {
    guard sees(visibility, ownedBy: owner) else { throw Self.notFound.failure() }
    guard caller.mayChange(whatIsOwnedBy: owner) else { throw Self.notYours.failure() }
  }
}
