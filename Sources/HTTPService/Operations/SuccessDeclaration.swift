import HTTPTypes
import Hummingbird

/// A header of an answer, for the document.
package struct HeaderDeclaration: Sendable {
  package let name: HTTPField.Name
  package let meaning: String
  /// Whether every answer has it.
  package let isAlways: Bool

  package init(_ name: HTTPField.Name, _ meaning: String, isAlways: Bool = false) {
    self.name = name
    self.meaning = meaning
    self.isAlways = isAlways
  }
}

/// For the document: an operation that goes on from an answer.
package struct LinkDeclaration: Sendable {
  package let operationID: String
  /// Of that operation, each as a runtime expression of OpenAPI: `$response.body#/next/card/id`.
  package let parameters: [(name: String, expression: String)]

  package init(to operationID: String, _ parameters: [(name: String, expression: String)]) {
    self.operationID = operationID
    self.parameters = parameters
  }
}

/// What is said of a success in the document and checked by tests.
package struct SuccessContents: Sendable {
  /// Any of these; the first unless the reply says otherwise.
  package let statuses: [HTTPResponse.Status]
  package let meaning: String
  /// Empty without a body.
  package let mediaTypes: [String]
  /// Of JSON; nil for what is none.
  package let schema: ValueSchema?
  package let headers: [HeaderDeclaration]
  /// Whether it has an `ETag`, and a GET may be answered 304.
  package let isConditional: Bool
  package let links: [LinkDeclaration]

  package init(
    _ statuses: [HTTPResponse.Status], _ meaning: String, mediaTypes: [String] = [], schema: ValueSchema? = nil,
    headers: [HeaderDeclaration] = [], isConditional: Bool = false, links: [LinkDeclaration] = []
  ) {
    self.statuses = statuses
    self.meaning = meaning
    self.mediaTypes = mediaTypes
    self.schema = schema
    self.headers = headers
    self.isConditional = isConditional
    self.links = links
  }
}

/// What an operation answers when it succeeds.
package struct SuccessDeclaration<Value: Sendable>: Sendable {
  package let contents: SuccessContents
  let write: @Sendable (Value) -> Response

  /// - Parameter write: makes the response; its status is overwritten where the reply has one of its own.
  private init(_ contents: SuccessContents, write: @escaping @Sendable (Value) -> Response) {
    self.contents = contents
    self.write = write
  }

  /// JSON of a representation.
  /// - Parameter isConditional: whether replies carry an `EntityTag`.
  package static func json(
    _ statuses: HTTPResponse.Status..., as representation: Representation<Value>, _ meaning: String,
    headers: [HeaderDeclaration] = [], isConditional: Bool = false, links: [LinkDeclaration] = []
  ) -> SuccessDeclaration {
    let statuses = statuses.isEmpty ? [.ok] : statuses
    let contents = SuccessContents(
      statuses, meaning, mediaTypes: ["application/json"], schema: representation.schema, headers: headers,
      isConditional: isConditional, links: links)
    return SuccessDeclaration(contents) { value in representation.response(value, status: statuses[0]) }
  }
}

extension Representation {
  /// The value as a body of JSON.
  package func response(_ value: Value, status: HTTPResponse.Status = .ok) -> Response {
    var output = JSONOutput(ByteBufferAllocator().buffer(capacity: 1024))
    write(value, &output)
    return Response(
      status: status, headers: [.contentType: "application/json; charset=utf-8"],
      body: .init(byteBuffer: output.takeLine()))
  }
}

extension SuccessDeclaration where Value == Void {
  /// A status and no body.
  package static func empty(
    _ status: HTTPResponse.Status = .noContent, _ meaning: String, headers: [HeaderDeclaration] = []
  ) -> SuccessDeclaration {
    SuccessDeclaration(SuccessContents([status], meaning, headers: headers)) { Response(status: status) }
  }
}

extension SuccessDeclaration where Value == Response {
  /// A response that the operation makes itself, as a file or a stream.
  /// - Parameters:
  ///   - schema: of its JSON, when one of its types is that.
  ///   - status: for the document; the response has its own.
  package static func response(
    _ mediaTypes: [String], _ meaning: String, schema: ValueSchema? = nil, headers: [HeaderDeclaration] = [],
    isConditional: Bool = false, status: HTTPResponse.Status = .ok
  ) -> SuccessDeclaration {
    SuccessDeclaration(
      SuccessContents(
        [status], meaning, mediaTypes: mediaTypes, schema: schema, headers: headers, isConditional: isConditional)
    ) { $0 }
  }
}

extension HTTPField.Name {
  package static let nextCursor = HTTPField.Name("X-Next-Cursor")!
}
