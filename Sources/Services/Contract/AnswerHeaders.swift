import HTTPService
import HTTPTypes
import Hummingbird

/// Headers that every answer of a service has: `nosniff`; and `private, no-store` where the request had an identity, also
/// when it is refused.
enum AnswerHeaders {
  static func complete(_ headers: inout HTTPFields, for request: Request) {
    headers[.xContentTypeOptions] = "nosniff"
    if request.headers.contains(where: { identifying.contains($0.name) }) {
      headers[.cacheControl] = "private, no-store"
    }
  }

  private static let identifying: [HTTPField.Name] = [.userID, .userIsManager, .serviceAuth, .authorization, .cookie]
}
