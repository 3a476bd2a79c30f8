import HTTPService
import HTTPTypes
import Hummingbird

/// Lets through who shows a service key as `Authorization: Bearer KEY`.
struct KeyRequired: RouterMiddleware {
  typealias Context = AnalyticsContext
  let keys: ServiceKeys

  func handle(
    _ request: Request, context: AnalyticsContext, next: (Request, AnalyticsContext) async throws -> Response
  ) async throws -> Response {
    guard let header = request.headers[.authorization] else {
      throw refusal("A service key is needed: send it as Authorization: Bearer KEY.", error: nil)
    }
    let parts = header.split(separator: " ", maxSplits: 1)
    guard parts.count == 2, parts[0].lowercased() == "bearer", let name = keys.name(of: parts[1]) else {
      throw refusal("This service key is not known here.", error: "invalid_token")
    }
    var context = context
    context.caller = name
    return try await next(request, context)
  }

  private func refusal(_ message: String, error: String?) -> RequestFailure {
    let challenge = "Bearer realm=\"kartoteka analytics\"" + (error.map { ", error=\"\($0)\"" } ?? "")
    return RequestFailure(.unauthorized, code: "unauthorized", message: message, headers: [.wwwAuthenticate: challenge])
  }
}
