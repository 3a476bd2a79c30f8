import HTTPService
import HTTPTypes
import Hummingbird

/// The page at `/` and what it loads; all of it is in the binary.
struct DashboardRoutes {
  /// Whether the page may use the local platform's well-known key by itself.
  let isLocal: Bool

  func add(to router: Router<AnalyticsContext>) {
    let page = String(decoding: PackageResources.index_html, as: UTF8.self)
      .replacing("{{LOCAL}}", with: isLocal ? "true" : "false")
    router.get("/") { request, _ in Self.asset(page, "text/html; charset=utf-8", request) }
    let (css, script) = ("text/css; charset=utf-8", "text/javascript; charset=utf-8")
    for (name, type, bytes) in [
      ("dashboard.css", css, PackageResources.dashboard_css),
      ("main.js", script, PackageResources.main_js),
      ("state.js", script, PackageResources.state_js),
      ("api.js", script, PackageResources.api_js),
      ("chart.js", script, PackageResources.chart_js),
      ("panels.js", script, PackageResources.panels_js),
      ("format.js", script, PackageResources.format_js),
      ("elements.js", script, PackageResources.elements_js),
    ] {
      let text = String(decoding: bytes, as: UTF8.self)
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
