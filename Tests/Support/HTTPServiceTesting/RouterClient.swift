import HTTPService
import HTTPTypes
import Hummingbird
import JSON
import Logging
import NIOCore
import NIOEmbedded

/// Sends requests straight to a router, without a port, and holds every answer against what its API declares.
package struct RouterClient<Context: IdentifiedRequestContext>: Sendable
where Context.Source == ApplicationRequestContextSource {
  /// An answer that is not as its operation declares.
  package struct Undeclared: Error, CustomStringConvertible {
    package let description: String
  }

  private let responder: RouterResponder<Context>
  private let check: AnswerCheck<Context>

  package init(_ router: Router<Context>, of api: API<Context>) {
    responder = router.buildResponder()
    check = AnswerCheck(api)
  }

  /// - Throws: `Undeclared` when status, headers or body are not those the operation declares.
  package func send(
    _ method: String, _ path: String, _ body: String? = nil, headers: [String: String] = [:]
  ) async throws -> RouterAnswer {
    try await send(method, path, bytes: body.map { Array($0.utf8) }, headers: headers)
  }

  package func send(
    _ method: String, _ path: String, bytes: [UInt8]?, headers: [String: String] = [:]
  ) async throws -> RouterAnswer {
    guard let method = HTTPRequest.Method(method) else { throw Undeclared(description: "no method: \(method)") }
    var fields = HTTPFields()
    if bytes != nil { fields[.contentType] = "application/json" }
    for (name, value) in headers {
      guard let name = HTTPField.Name(name) else { throw Undeclared(description: "no header: \(name)") }
      fields[name] = value
    }
    let request = Request(
      head: HTTPRequest(method: method, scheme: "http", authority: "test", path: path, headerFields: fields),
      body: RequestBody(buffer: ByteBuffer(bytes: bytes ?? [])))
    let source = ApplicationRequestContextSource(
      channel: NIOAsyncTestingChannel(), logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    let response = try await responder.respond(to: request, context: Context(source: source))
    let collected = CollectedBody()
    try await response.body.write(collected)
    let answer = RouterAnswer(
      status: Int(response.status.code), headers: response.headers, text: String(buffer: await collected.bytes))
    let problems = check.problems(method, request.uri.path, answer)
    guard problems.isEmpty else {
      throw Undeclared(
        description: "\(method) \(path): \(problems.joined(separator: "; ")) in \(answer.status) \(answer.text)")
    }
    return answer
  }
}

package struct RouterAnswer: Sendable {
  package let status: Int
  package let headers: HTTPFields
  package let text: String

  package var json: JSONValue? { try? JSONParser.parse(Array(text.utf8)) }

  /// The code of a failure.
  package var code: String? {
    guard case .string(let code)? = json?["error"]?["code"] else { return nil }
    return code
  }

  /// A failure's details, as `path: message`.
  package var details: [String] {
    guard case .array(let items)? = json?["error"]?["details"] else { return [] }
    return items.map { item in
      guard case .string(let path)? = item["path"], case .string(let message)? = item["message"] else { return "" }
      return "\(path): \(message)"
    }
  }

  package subscript(header name: String) -> String? { HTTPField.Name(name).flatMap { headers[$0] } }
}

/// What a response writes.
private actor CollectedBody {
  private(set) var bytes = ByteBuffer()

  func append(_ buffer: ByteBuffer) { bytes.writeImmutableBuffer(buffer) }
}

extension CollectedBody: ResponseBodyWriter {
  nonisolated func write(_ buffer: ByteBuffer) async throws { await append(buffer) }
  nonisolated func finish(_ trailingHeaders: HTTPFields?) async throws {}
}
