import HTTPService
import HTTPTypes
import Hummingbird

/// Headers that every answer of a service has: `nosniff`; and `private, no-store` where the request had an identity, also
/// when it is refused.
struct AnswerHeaders: RouterMiddleware {
  typealias Context = CallContext

  func handle(
    _ request: Request, context: CallContext, next: (Request, CallContext) async throws -> Response
  ) async throws -> Response {
    var response = try await next(request, context)
    response.headers[.xContentTypeOptions] = "nosniff"
    if Self.identifying.contains(where: { request.headers[$0] != nil }) {
      response.headers[.cacheControl] = "private, no-store"
    }
    return response
  }

  private static let identifying: [HTTPField.Name] = [.userID, .userIsManager, .serviceAuth, .authorization, .cookie]
}
