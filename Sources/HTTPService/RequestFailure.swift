import HTTPTypes
import Hummingbird

/// Why a request was refused, as its caller is told:
/// `{"error": {"code": …, "message": …, "path": …, "details": [{"path": …, "message": …}], "request_id": …}}`.
package struct RequestFailure: HTTPResponseError {
  package let status: HTTPResponse.Status
  /// Stable, for programs: `unknown_metric`, `DECK_NOT_FOUND`.
  package let code: String
  /// For people: what was wrong and what is allowed.
  package let message: String
  /// Where in the request's body or parameters, as `filters[1][2]`, when it is one place.
  package let path: String?
  /// Every place, when a request was checked as a whole.
  package let details: [Problem]
  package let headers: HTTPFields

  package init(
    _ status: HTTPResponse.Status, code: String, message: String, path: String? = nil, details: [Problem] = [],
    headers: HTTPFields = [:]
  ) {
    self.status = status
    self.code = code
    self.message = message
    self.path = path
    self.details = details
    self.headers = headers
  }

  package func response(from request: Request, context: some RequestContext) -> Response {
    response(requestID: (context as? any IdentifiedRequestContext)?.requestID)
  }

  package func response(requestID: String?) -> Response {
    var fields = headers
    fields[.contentType] = Self.mediaType
    fields[.cacheControl] = "no-store"
    return Response(status: status, headers: fields, body: .init(byteBuffer: body(requestID: requestID)))
  }

  package static let mediaType = "application/json; charset=utf-8"

  /// The body alone.
  package func body(requestID: String?) -> ByteBuffer {
    var output = JSONOutput()
    output.object { body in
      body.object("error") { error in
        error.member("code", code)
        error.member("message", message)
        if let path { error.member("path", path) }
        if !details.isEmpty {
          error.array("details") { list in
            for problem in details {
              list.object { item in
                item.member("path", problem.path)
                item.member("message", problem.message)
              }
            }
          }
        }
        if let requestID, !requestID.isEmpty { error.member("request_id", requestID) }
      }
    }
    return output.takeLine()
  }

  /// The schema of every failure's body.
  package static let schema = ValueSchema.object(
    ObjectSchema(
      "Failure",
      [
        Property(
          "error",
          .object(
            ObjectSchema(
              nil,
              [
                Property("code", .text(TextSchema()), meaning: "Stable, for programs."),
                Property("message", .text(TextSchema()), meaning: "For people."),
                Property("path", .text(TextSchema()), isRequired: false, meaning: "Where, when it is one place."),
                Property(
                  "details", .array(.object(problemSchema), count: 0...Problems.limit + 1), isRequired: false,
                  meaning: "Every place that is wrong."),
                Property(
                  "request_id", .text(TextSchema()), isRequired: false, meaning: "The log has the request under it."),
              ])))
      ]))

  private static let problemSchema = ObjectSchema(
    "Problem",
    [
      Property("path", .text(TextSchema()), meaning: "As cards[3].front_text; empty for the whole."),
      Property("message", .text(TextSchema()), meaning: "What must hold there."),
    ])
}

extension RequestFailure {
  /// A body or query that is not as declared.
  static func invalid(_ problems: Problems, in what: String) -> RequestFailure {
    var details = problems.found
    if problems.furtherCount > 0 { details.append(Problem("", "and \(problems.furtherCount) more")) }
    let count = problems.count
    return RequestFailure(
      .unprocessableContent, code: "VALIDATION_FAILED",
      message: "\(what) is not as it must be, in \(count) \(count == 1 ? "place" : "places"): see details.",
      details: details)
  }

  static func malformed(_ message: String) -> RequestFailure {
    RequestFailure(.badRequest, code: "MALFORMED_JSON", message: message)
  }

  static func nothing(at request: Request) -> RequestFailure {
    RequestFailure(
      .notFound, code: "NOT_FOUND", message: "There is nothing at \(request.method.rawValue) \(request.uri.path).")
  }
}
