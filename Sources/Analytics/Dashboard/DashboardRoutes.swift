import HTTPTypes
import Hummingbird

/// The page at `/` and what it loads; all of it is in the binary.
struct DashboardRoutes {
  /// Whether the page may use the local platform's well-known key by itself.
  let isLocal: Bool

  func add(to router: Router<AnalyticsContext>) {
    router.get("/") { request, _ in
      let page = DashboardPage.html.replacing("{{LOCAL}}", with: isLocal ? "true" : "false")
      return Self.asset(page, "text/html; charset=utf-8", request)
    }
    for (name, type, text) in [
      ("dashboard.css", "text/css; charset=utf-8", DashboardPage.css),
      ("dashboard.js", "text/javascript; charset=utf-8", DashboardPage.script),
    ] {
      router.get("/assets/\(name)") { request, _ in Self.asset(text, type, request) }
    }
  }

  private static func asset(_ text: String, _ type: String, _ request: Request) -> Response {
    let headers: HTTPFields = [
      .contentType: type, .cacheControl: "no-cache", .xContentTypeOptions: "nosniff",
      .referrerPolicy: "no-referrer",
      .contentSecurityPolicy:
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; "
        + "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    ]
    let response = Response(status: .ok, headers: headers, body: .init(byteBuffer: ByteBuffer(string: text)))
    return EntityTag(text).applied(to: response, for: request)
  }
}

extension HTTPField.Name {
  static let referrerPolicy = HTTPField.Name("Referrer-Policy")!
}
