import Foundation
import HTTPTypes
import Hummingbird

/// Gives every request an id: the caller's `X-Request-Id` when it is well formed, else a new one; and says it in the answer.
package struct RequestIdentity<Context: IdentifiedRequestContext>: RouterMiddleware {
  package init() {}

  package func handle(
    _ request: Request, context: Context, next: (Request, Context) async throws -> Response
  ) async throws -> Response {
    let id = Self.identifier(request.headers[.requestID])
    var context = context
    context.requestID = id
    context.logger[metadataKey: "hb.request.id"] = .string(id)
    var response = try await next(request, context)
    response.headers[.requestID] = id
    return response
  }

  /// `offered` if it is 1 to 64 letters, digits, `-`, `_` or `.`, else a new random id.
  package static func identifier(_ offered: String?) -> String {
    if let offered, (1...64).contains(offered.utf8.count), offered.utf8.allSatisfy(isAllowed) { return offered }
    return UUID().uuidString.lowercased()
  }

  private static func isAllowed(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."):
      true
    default: false
    }
  }
}

extension HTTPField.Name {
  package static let requestID = HTTPField.Name("X-Request-Id")!
}
