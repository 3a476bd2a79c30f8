import HTTPTypes
import Hummingbird
import JSON

/// `openapi.json` and the page `docs` below an API's base; all of it is in the binary, and anyone may read it.
package struct DocsRoutes: Sendable {
  private let base: String
  private let document: ByteBuffer
  private let page: String

  package init<Context>(_ api: API<Context>) {
    base = api.base
    document = ByteBuffer(string: OpenAPIDocument(api).json.text + "\n")
    page = String(decoding: PackageResources.docs_html, as: UTF8.self).replacing("{{TITLE}}", with: api.title)
  }

  package func add<Context>(to router: some RouterMethods<Context>) {
    router.get(RouterPath("\(base)/openapi.json")) { request, _ in
      asset(document, "application/json; charset=utf-8", request)
    }
    router.get(RouterPath("\(base)/docs")) { request, _ in
      // The page is answered with and without a last slash, and its links are relative: it may lie behind a gateway.
      let isFolder = request.uri.path.hasSuffix("/")
      let text = page.replacing("{{DOCUMENT}}", with: isFolder ? "../openapi.json" : "openapi.json")
        .replacing("{{ASSETS}}", with: isFolder ? "" : "docs/")
      return asset(ByteBuffer(string: text), "text/html; charset=utf-8", request)
    }
    router.get(RouterPath("\(base)/docs/docs.js")) { request, _ in
      asset(ByteBuffer(bytes: PackageResources.docs_js), "text/javascript; charset=utf-8", request)
    }
    router.get(RouterPath("\(base)/docs/swagger-ui-bundle.js")) { request, _ in
      asset(SwaggerUI.script, "text/javascript; charset=utf-8", request)
    }
    router.get(RouterPath("\(base)/docs/swagger-ui.css")) { request, _ in
      asset(SwaggerUI.style, "text/css; charset=utf-8", request)
    }
  }

  private func asset(_ bytes: ByteBuffer, _ type: String, _ request: Request) -> Response {
    let headers: HTTPFields = [
      .contentType: type, .cacheControl: "no-cache", .xContentTypeOptions: "nosniff",
      .contentSecurityPolicy:
        "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; connect-src 'self'; "
        + "img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    ]
    let response = Response(status: .ok, headers: headers, body: .init(byteBuffer: bytes))
    var hash = FNV1a()
    hash.combine(bytes.readableBytesView)
    return EntityTag(String(hash.value, radix: 36)).applied(to: response, for: request)
  }
}
