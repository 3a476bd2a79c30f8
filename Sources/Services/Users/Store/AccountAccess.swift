import Postgres
import ServiceContract

/// Which accounts a caller knows of: everybody his own, services all that are not disabled, managers those too. Erased
/// ones are nobody's.
enum AccountAccess {
  /// Of the account with id `$1`; what follows begins at `$4`.
  static let visible = "id = $1 AND erased_at IS NULL AND (deleted_at IS NULL OR $2) AND ($3 IS NULL OR id = $3)"
  /// The same of those that can still be changed.
  static let changeable = "id = $1 AND deleted_at IS NULL AND ($2 OR $3 IS NULL OR id = $3)"

  /// `$1` to `$3`.
  static func values(_ id: Int64, for caller: Caller) -> [PostgresValue] {
    [.int8(id), .bool(caller.isManager), .int8(onlyID(caller))]
  }

  /// The one account that the caller may know of; nil: all. Nobody has the number 0.
  static func onlyID(_ caller: Caller) -> Int64? {
    switch caller {
    case .manager, .service: nil
    case .learner(let id): id
    case .anonymous: 0
    }
  }
}
