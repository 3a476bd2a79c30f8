import HTTPService
import HTTPTypes

/// Makes the ``Caller`` of a request's headers, and is the only place that does.
///
/// The gateway's headers are believed with the gateway's secret only; a request that names somebody without it is refused
/// rather than taken for anonymous, since somebody is trying something.
package struct CallerReader: Sendable {
  /// A caller, and whether one of the platform's own parts brought the request.
  package struct Introduction: Sendable, Equatable {
    package let caller: Caller
    package let isVouchedFor: Bool
  }

  private let secrets: TrustSecrets

  package init(_ secrets: TrustSecrets) {
    self.secrets = secrets
  }

  /// - Throws: 401 for a wrong secret or an identity without one, 400 for a malformed identity.
  package func introduction(_ headers: HTTPFields) throws(RequestFailure) -> Introduction {
    // Several fields of one name are read as one with commas, which is no secret and no number.
    let isGateway = try holds(headers[.gatewayAuth], secrets.gateway.matches, "X-Gateway-Auth")
    let isService = try holds(headers[.serviceAuth], secrets.service.matches, "X-Service-Auth")
    if !isGateway, headers.contains(where: Self.namesAUser) {
      throw Self.unvouched.failure("A caller's identity is believed from the gateway only.")
    }
    switch (isGateway, isService) {
    case (true, true):
      throw Self.malformed.failure("A request comes from the gateway or from a service, not from both.")
    case (true, false): return Introduction(caller: try person(headers), isVouchedFor: true)
    case (false, true): return Introduction(caller: .service(try serviceName(headers)), isVouchedFor: true)
    case (false, false): return Introduction(caller: .anonymous, isVouchedFor: false)
    }
  }

  private func holds(
    _ given: String?, _ matches: (String) -> Bool, _ header: String
  ) throws(RequestFailure) -> Bool {
    guard let given else { return false }
    guard matches(given) else { throw Self.unvouched.failure("\(header) is not the secret it should be.") }
    return true
  }

  private func person(_ headers: HTTPFields) throws(RequestFailure) -> Caller {
    guard let text = headers[.userID] else {
      if headers[.userIsManager] != nil { throw Self.malformed.failure("X-User-Ismanager without X-User-Id.") }
      return .anonymous
    }
    // As the gateway writes it: no sign, no blank, no leading zero.
    guard let id = Int64(text), id > 0, String(id) == text else {
      throw Self.malformed.failure("X-User-Id must be a whole number above 0.")
    }
    switch headers[.userIsManager] {
    case "0": return .learner(id)
    case "1": return .manager(id)
    default: throw Self.malformed.failure("X-User-Ismanager must be 0 or 1.")
    }
  }

  private func serviceName(_ headers: HTTPFields) throws(RequestFailure) -> String {
    guard let name = headers[.serviceName] else { return "unnamed" }
    guard (1...32).contains(name.utf8.count), name.utf8.allSatisfy({ (97...122).contains($0) || $0 == 45 }) else {
      throw Self.malformed.failure("X-Service-Name must be 1 to 32 small letters and hyphens.")
    }
    return name
  }

  /// Some servers read `_` as `-`; what means to pass for such a header is one.
  private static func namesAUser(_ field: HTTPField) -> Bool {
    field.name.canonicalName.replacing("_", with: "-").hasPrefix("x-user-")
  }

  static let unvouched = FailureDeclaration(
    .unauthorized, "IDENTITY_NOT_VOUCHED_FOR", "An identity or secret that this service does not believe.")
  static let malformed = FailureDeclaration(
    .badRequest, "MALFORMED_IDENTITY", "Headers that say who asks are malformed.")
}

extension HTTPField.Name {
  package static let gatewayAuth = HTTPField.Name("X-Gateway-Auth")!
  package static let serviceAuth = HTTPField.Name("X-Service-Auth")!
  package static let serviceName = HTTPField.Name("X-Service-Name")!
  package static let userID = HTTPField.Name("X-User-Id")!
  package static let userIsManager = HTTPField.Name("X-User-Ismanager")!
}
