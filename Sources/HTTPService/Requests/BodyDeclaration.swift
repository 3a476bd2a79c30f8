import HTTPTypes
import Hummingbird
import JSON

/// What is said of a body in the document and checked of its head.
package struct BodyContents: Sendable {
  package let mediaTypes: [String]
  /// Nil for what is no JSON.
  package let schema: ValueSchema?
  package let isRequired: Bool
  package let limitBytes: Int

  package init(mediaTypes: [String], schema: ValueSchema?, isRequired: Bool, limitBytes: Int) {
    self.mediaTypes = mediaTypes
    self.schema = schema
    self.isRequired = isRequired
    self.limitBytes = limitBytes
  }
}

/// What a request's body must be, and how it is read.
package struct BodyDeclaration<Value: Sendable>: Sendable {
  /// Nil when there is no body to read.
  package let contents: BodyContents?
  private let read: @Sendable (ByteBuffer) throws(RequestFailure) -> Value
  /// Nil when the body is taken in before the operation begins.
  private let wait: (@Sendable (Request) -> Value)?

  package static var defaultLimitBytes: Int { 64 << 10 }
  /// How deep a body may be nested.
  static var maximumDepth: Int { 16 }

  private init(
    _ contents: BodyContents?, wait: (@Sendable (Request) -> Value)? = nil,
    read: @escaping @Sendable (ByteBuffer) throws(RequestFailure) -> Value
  ) {
    self.contents = contents
    self.wait = wait
    self.read = read
  }

  /// Reads the body of `request`.
  /// - Throws: 415 for another content type, 413 over the limit, 400 when it is not JSON or breaks off, 422 with all that is
  ///   wrong with it.
  func value(of request: Request) async throws -> Value {
    guard let contents else { return try read(ByteBuffer()) }
    if let wait { return wait(request) }
    return try read(try await RequestBytes.collect(request, contents.mediaTypes, limit: contents.limitBytes))
  }

  fileprivate static func parse(_ buffer: ByteBuffer) throws(RequestFailure) -> JSONValue {
    guard buffer.readableBytes > 0 else { throw .malformed("The body is empty; JSON should be there.") }
    do {
      return try JSONParser.parse(Array(buffer.readableBytesView), maximumDepth: maximumDepth)
    } catch {
      switch error.kind {
      case .grammar: throw .malformed("The body is not JSON: \(error.message), at byte \(error.offset).")
      case .duplicateName, .depth:
        var problems = Problems()
        problems.add("\(error.message), at byte \(error.offset)")
        throw .invalid(problems, in: "The body")
      }
    }
  }

  fileprivate static func value<Read>(_ form: Form<Read>, _ json: JSONValue) throws(RequestFailure) -> Read {
    var problems = Problems()
    guard let value = form.read(json, &problems) else { throw .invalid(problems, in: "The body") }
    return value
  }
}

extension BodyDeclaration where Value == Void {
  /// No body; one that comes nevertheless is not read.
  package static var none: BodyDeclaration { BodyDeclaration(nil) { _ in () } }
}

extension BodyDeclaration {
  /// JSON of any form.
  package static func json(_ form: Form<Value>, limitBytes: Int = defaultLimitBytes) -> BodyDeclaration {
    BodyDeclaration(
      BodyContents(
        mediaTypes: ["application/json"], schema: form.schema, isRequired: true, limitBytes: limitBytes)
    ) { buffer throws(RequestFailure) in
      try value(form, try parse(buffer))
    }
  }

  /// JSON, or nothing at all.
  package static func optionalJSON<Read>(
    _ form: Form<Read>, limitBytes: Int = defaultLimitBytes
  ) -> BodyDeclaration where Value == Read? {
    BodyDeclaration(
      BodyContents(
        mediaTypes: ["application/json"], schema: form.schema, isRequired: false, limitBytes: limitBytes)
    ) { buffer throws(RequestFailure) in
      buffer.readableBytes == 0 ? nil : try value(form, try parse(buffer))
    }
  }
}

extension BodyDeclaration where Value: RequestObject {
  /// One object.
  package static func json(_ type: Value.Type, limitBytes: Int = defaultLimitBytes) -> BodyDeclaration {
    json(.object(type), limitBytes: limitBytes)
  }
}

extension BodyDeclaration where Value == ByteBuffer {
  /// Bytes as they come, as a file to import.
  package static func bytes(_ mediaTypes: [String], limitBytes: Int) -> BodyDeclaration {
    BodyDeclaration(
      BodyContents(mediaTypes: mediaTypes, schema: nil, isRequired: true, limitBytes: limitBytes)
    ) { $0 }
  }
}

/// Bytes that are still to come: the operation may refuse the request before it takes them in.
package struct PendingBytes: Sendable {
  fileprivate let request: Request
  fileprivate let mediaTypes: [String]
  fileprivate let limitBytes: Int

  /// Takes the body in.
  /// - Throws: 415 for another content type, 413 over the limit, 400 when it breaks off.
  package func collect() async throws -> ByteBuffer {
    try await RequestBytes.collect(request, mediaTypes, limit: limitBytes)
  }
}

extension BodyDeclaration where Value == PendingBytes {
  /// Bytes as they come, taken in when the operation asks for them: for what is too large to take from everybody.
  package static func pending(_ mediaTypes: [String], limitBytes: Int) -> BodyDeclaration {
    BodyDeclaration(
      BodyContents(mediaTypes: mediaTypes, schema: nil, isRequired: true, limitBytes: limitBytes),
      wait: { PendingBytes(request: $0, mediaTypes: mediaTypes, limitBytes: limitBytes) },
      read: { _ in preconditionFailure("a pending body is not read here") })
  }
}
