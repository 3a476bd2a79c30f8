import HTTPService
import HTTPTypes

/// Who asks. Every call of a store that touches what somebody owns takes it, so that asking who it is cannot be forgotten.
package enum Caller: Sendable, Equatable {
  case anonymous
  case learner(Int64)
  case manager(Int64)
  /// By the name the service gives itself.
  case service(String)

  /// The id of a learner or manager.
  package var personID: Int64? {
    switch self {
    case .learner(let id), .manager(let id): id
    case .anonymous, .service: nil
    }
  }

  package var isManager: Bool {
    if case .manager = self { true } else { false }
  }

  package var isService: Bool {
    if case .service = self { true } else { false }
  }

  /// The id of the learner or manager who asks.
  /// - Throws: 401 for anyone else.
  package func person() throws(RequestFailure) -> Int64 {
    guard let personID else {
      throw Self.unauthenticated.failure(headers: [.wwwAuthenticate: "Bearer realm=\"kartoteka\""])
    }
    return personID
  }

  /// Whether what `owner` owns may be changed: by its owner, and by managers.
  package func mayChange(whatIsOwnedBy owner: Int64) -> Bool { personID == owner || isManager }

  /// For the log.
  package var name: String {
    switch self {
    case .anonymous: "anonymous"
    case .learner(let id): "learner:\(id)"
    case .manager(let id): "manager:\(id)"
    case .service(let name): "service:\(name)"
    }
  }

  package static let unauthenticated = FailureDeclaration(
    .unauthorized, "UNAUTHENTICATED", "Log in first: this needs an access token.")
  static let forbidden = FailureDeclaration(.forbidden, "FORBIDDEN", "This is for managers.")
  static let serviceOnly = FailureDeclaration(
    .unauthorized, "FOR_SERVICES_ONLY", "This is for the platform's own services.")

  /// Refuses a caller whom an operation of such an access is not for.
  func check(_ access: Access) throws(RequestFailure) {
    switch access {
    case .anyone: break
    case .person: _ = try person()
    case .manager:
      _ = try person()
      if !isManager { throw Self.forbidden.failure() }
    case .service:
      guard isService else { throw Self.serviceOnly.failure() }
    case .personOrService: if !isService { try check(.person) }
    case .managerOrService: if !isService { try check(.manager) }
    case .key: preconditionFailure("service keys are the analytics service's")
    }
  }
}
