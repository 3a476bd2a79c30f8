import HTTPTypes
import Hummingbird

/// An operation of an API, declared once: from here it is routed, its requests are read, and its document is printed.
package struct APIOperation<Path: RequestObject, Query: RequestObject, Body: Sendable, Success: Sendable>: Sendable {
  package let description: OperationDescription
  private let path: URLReader<Path>
  private let query: URLReader<Query>
  private let body: BodyDeclaration<Body>
  private let success: SuccessDeclaration<Success>

  /// - Parameters:
  ///   - template: the path, as `/api/decks/{id}/`; the names in braces are those of `path`'s fields.
  ///   - id: unique in the API, as `getDeck`.
  ///   - failures: the operation's own; those that follow from the rest are known.
  package init(
    _ method: HTTPRequest.Method, _ template: String, id: String, _ summary: String, tag: String, access: Access,
    path: Path.Type = NoFields.self, query: Query.Type = NoFields.self,
    body: BodyDeclaration<Body> = BodyDeclaration<Void>.none,
    success: SuccessDeclaration<Success>, failures: [FailureDeclaration] = [], ifMatch: IfMatch.Demand = .ignored
  ) {
    self.path = URLReader()
    self.query = URLReader()
    self.body = body
    self.success = success
    description = OperationDescription(
      method: method, template: template, id: id, summary: summary, tag: tag, access: access,
      pathParameters: self.path.properties, queryParameters: self.query.properties, body: body.contents,
      success: success.contents, failures: failures, ifMatch: ifMatch, isRaw: false)
  }

  /// What the request says, read as declared; the body last, once everything before it holds.
  func call(_ request: Request, _ parameters: Parameters) async throws -> Call<Path, Query, Body> {
    let accepted = AcceptedTypes(request.headers)
    let types = success.contents.mediaTypes
    guard types.isEmpty || types.contains(where: accepted.allow) else {
      throw RequestFailure(
        .notAcceptable, code: "NOT_ACCEPTABLE",
        message: "Accept allows none of the types there are: \(types.joined(separator: ", ")).")
    }
    let path = try path.path(parameters, request)
    let query = try query.query(request.uri.query)
    let ifMatch = try IfMatch.read(request, description.ifMatch)
    let body = try await body.value(of: request)
    return Call(request: request, path: path, query: query, body: body, ifMatch: ifMatch)
  }

  func response(_ reply: Reply<Success>, to request: Request) -> Response {
    var response = success.write(reply.value)
    if let status = reply.status { response.status = status }
    for field in reply.headers { response.headers[field.name] = field.value }
    guard let tag = reply.entityTag else { return response }
    // Also of what has just been written: it can be changed again at once.
    response.headers[.eTag] = tag.text
    return tag.applied(to: response, for: request)
  }
}

/// A request that an operation has read.
package struct Call<Path: Sendable, Query: Sendable, Body: Sendable>: Sendable {
  package let request: Request
  package let path: Path
  package let query: Query
  package let body: Body
  /// Nil when the operation does not look at it, or the request has none.
  package let ifMatch: IfMatch?
}

/// What an operation has to say.
package struct Reply<Value: Sendable>: Sendable {
  package var value: Value
  /// One of those declared; nil for the first.
  package var status: HTTPResponse.Status?
  package var headers: HTTPFields
  package var entityTag: EntityTag?

  package init(
    _ value: Value, status: HTTPResponse.Status? = nil, headers: HTTPFields = [:], entityTag: EntityTag? = nil
  ) {
    self.value = value
    self.status = status
    self.headers = headers
    self.entityTag = entityTag
  }
}

extension Reply where Value == Void {
  package init(headers: HTTPFields = [:]) { self.init((), headers: headers) }
}
