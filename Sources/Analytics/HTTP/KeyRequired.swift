import HTTPService
import HTTPTypes
import Hummingbird
import Settings

/// Lets through who shows a service key as `Authorization: Bearer KEY`, and managers for whom the gateway vouches; what it says
/// goes before a key, for then `Authorization` holds the person's token.
struct KeyRequired: RouterMiddleware {
  typealias Context = AnalyticsContext
  let keys: ServiceKeys
  /// The gateway's secret; nil: nobody is believed to be the gateway.
  let gateway: Secret?

  func handle(
    _ request: Request, context: AnalyticsContext, next: (Request, AnalyticsContext) async throws -> Response
  ) async throws -> Response {
    var context = context
    context.caller = try caller(request.headers)
    return try await next(request, context)
  }

  private func caller(_ headers: HTTPFields) throws(RequestFailure) -> String {
    if let secret = headers[.gatewayAuth] { return try manager(headers, secret) }
    guard let header = headers[.authorization] else {
      throw refusal("A service key is needed: send it as Authorization: Bearer KEY.", error: nil)
    }
    let parts = header.split(separator: " ", maxSplits: 1)
    guard parts.count == 2, parts[0].lowercased() == "bearer", let name = keys.name(of: parts[1]) else {
      throw refusal("This service key is not known here.", error: "invalid_token")
    }
    return name
  }

  private func manager(_ headers: HTTPFields, _ secret: String) throws(RequestFailure) -> String {
    guard let gateway, gateway.matches(secret) else {
      throw refusal("X-Gateway-Auth is not the secret it should be.", error: nil)
    }
    guard let id = headers[.userID] else { throw refusal("Log in first: this needs an access token.", error: nil) }
    guard headers[.userIsManager] == "1" else { throw AnalyticsOperations.forbidden.failure() }
    return "manager:\(id)"
  }

  private func refusal(_ message: String, error: String?) -> RequestFailure {
    let challenge = "Bearer realm=\"kartoteka analytics\"" + (error.map { ", error=\"\($0)\"" } ?? "")
    return RequestFailure(.unauthorized, code: "unauthorized", message: message, headers: [.wwwAuthenticate: challenge])
  }
}

extension HTTPField.Name {
  fileprivate static let gatewayAuth = HTTPField.Name("X-Gateway-Auth")!
  fileprivate static let userID = HTTPField.Name("X-User-Id")!
  fileprivate static let userIsManager = HTTPField.Name("X-User-Ismanager")!
}
