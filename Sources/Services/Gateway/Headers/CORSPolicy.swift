import HTTPService
import NIOHTTP1
import Settings

/// Which web pages may ask from a browser, with the caller's cookies: those of exactly these origins.
package struct CORSPolicy: Sendable {
  private static let exposed = "X-Next-Cursor, ETag, Retry-After, RateLimit, RateLimit-Policy, X-Request-Id"
  private static let methods = "GET, HEAD, POST, PUT, PATCH, DELETE"
  private static let fields =
    "Authorization, Content-Type, If-Match, If-None-Match, Idempotency-Key, X-Request-Id, traceparent, Last-Event-ID"

  private let origins: Set<String>

  /// - Parameter origins: as a browser sends them: `https://cards.example`, no path, no `*`.
  package init(origins: [String]) throws(SettingError) {
    for origin in origins {
      guard let end = origin.range(of: "://")?.upperBound, ["http://", "https://"].contains(String(origin[..<end])),
        !origin[end...].isEmpty, !origin[end...].contains(where: { "/*?#@ ".contains($0) }),
        origin == origin.lowercased()
      else {
        throw SettingError(
          "GATEWAY_CORS_ORIGINS", "holds “\(origin.prefix(80))”, which is no origin as in https://cards.example")
      }
    }
    self.origins = Set(origins)
  }

  /// Adds what a browser needs to hand the answer to a page; nothing for pages of other origins.
  package func add(to headers: inout some FieldSink, origin: String?) {
    guard !origins.isEmpty else { return }
    headers.add(name: "Vary", value: "Origin")
    guard let origin, origins.contains(origin) else { return }
    headers.add(name: "Access-Control-Allow-Origin", value: origin)
    headers.add(name: "Access-Control-Allow-Credentials", value: "true")
    headers.add(name: "Access-Control-Expose-Headers", value: Self.exposed)
  }

  /// The answer to the question a browser asks first.
  /// - Throws: 403 for an origin that is not allowed.
  package func preflight(origin: String) throws(RequestFailure) -> HTTPHeaders {
    guard origins.contains(origin) else {
      throw RequestFailure(
        .forbidden, code: "ORIGIN_REFUSED", message: "Pages of this origin may not ask here.",
        headers: origins.isEmpty ? [:] : [.vary: "Origin"])
    }
    return [
      "Vary": "Origin", "Access-Control-Allow-Origin": origin, "Access-Control-Allow-Credentials": "true",
      "Access-Control-Allow-Methods": Self.methods, "Access-Control-Allow-Headers": Self.fields,
      "Access-Control-Max-Age": "600",
    ]
  }
}
