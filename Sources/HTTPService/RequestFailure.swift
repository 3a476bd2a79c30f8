import HTTPTypes
import Hummingbird
import JSON

/// Why a request was refused, as its caller is told:
/// `{"error": {"code": …, "message": …, "path": …, "request_id": …}}`.
package struct RequestFailure: HTTPResponseError {
  package let status: HTTPResponse.Status
  /// Stable, for programs: `unknown_metric`, `not_found`.
  package let code: String
  /// For people: what was wrong and what is allowed.
  package let message: String
  /// Where in the request's body or parameters, as `filters[1][2]`.
  package let path: String?
  package let headers: HTTPFields

  package init(
    _ status: HTTPResponse.Status, code: String, message: String, path: String? = nil, headers: HTTPFields = [:]
  ) {
    self.status = status
    self.code = code
    self.message = message
    self.path = path
    self.headers = headers
  }

  package func response(from request: Request, context: some RequestContext) -> Response {
    response(requestID: (context as? any IdentifiedRequestContext)?.requestID)
  }

  package func response(requestID: String?) -> Response {
    var body = "{\"error\":{\"code\":\(JSONText.quoted(code)),\"message\":\(JSONText.quoted(message))"
    if let path { body += ",\"path\":\(JSONText.quoted(path))" }
    if let requestID, !requestID.isEmpty { body += ",\"request_id\":\(JSONText.quoted(requestID))" }
    body += "}}\n"
    var fields = headers
    fields[.contentType] = "application/json; charset=utf-8"
    fields[.cacheControl] = "no-store"
    return Response(status: status, headers: fields, body: .init(byteBuffer: ByteBuffer(string: body)))
  }
}
