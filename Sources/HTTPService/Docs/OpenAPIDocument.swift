import HTTPTypes
import JSON

/// An API as an OpenAPI 3.1 document, made of the declarations that route and read its requests.
///
/// Paths are written below the server `./`, which is where the document lies: so the same document is right at the service
/// (`/api/openapi.json`) and behind the gateway (`/decks/openapi.json`).
package struct OpenAPIDocument {
  package let json: JSONValue

  package init<Context>(_ api: API<Context>) {
    var components = SchemaComponents()
    var paths: [JSONValue.Member] = []
    for operation in api.operations {
      let path = String(operation.template.dropFirst(api.base.count))
      let described = JSONValue.Member(
        operation.method.rawValue.lowercased(), Self.operation(operation, api.commonFailures, &components))
      if let index = paths.firstIndex(where: { $0.name == path }), case .object(let known) = paths[index].value {
        paths[index] = .init(path, .object(known + [described]))
      } else {
        paths.append(.init(path, .object([described])))
      }
    }
    let tags = api.operations.map(\.tag).reduce(into: [String]()) { if !$0.contains($1) { $0.append($1) } }
    json = .object([
      .init("openapi", .string("3.1.0")),
      .init(
        "info",
        .object([
          .init("title", .string(api.title)), .init("version", .string(api.version)),
          .init("description", .string(api.notes)),
        ])),
      .init("servers", .array([.object([.init("url", .string("./"))])])),
      .init("tags", .array(tags.map { .object([.init("name", .string($0))]) })),
      .init("paths", .object(paths)),
      .init(
        "components",
        .object([
          .init("schemas", .object(components.members)),
          .init("securitySchemes", Self.securitySchemes(api.operations.map(\.access))),
        ])),
    ])
  }

  private static func operation(
    _ operation: OperationDescription, _ common: [FailureDeclaration], _ components: inout SchemaComponents
  ) -> JSONValue {
    var members: [JSONValue.Member] = [
      .init("operationId", .string(operation.id)), .init("summary", .string(operation.summary)),
      .init("tags", .strings([operation.tag])),
    ]
    if let security = operation.access.security { members.append(.init("security", security)) }
    let parameters = parameters(of: operation, &components)
    if !parameters.isEmpty { members.append(.init("parameters", .array(parameters))) }
    if let body = operation.body {
      let schema = body.schema?.json(&components)
      members.append(
        .init(
          "requestBody",
          .object([
            .init("required", .bool(body.isRequired)), .init("content", contents(body.mediaTypes, schema)),
          ])))
    }
    let responses = success(operation, &components) + failures(operation.allFailures + common, &components)
    members.append(.init("responses", .object(responses)))
    return .object(members)
  }

  private static func parameters(
    of operation: OperationDescription, _ components: inout SchemaComponents
  ) -> [JSONValue] {
    func parameter(_ name: String, _ place: String, isRequired: Bool, _ schema: JSONValue) -> JSONValue {
      .object([
        .init("name", .string(name)), .init("in", .string(place)), .init("required", .bool(isRequired)),
        .init("schema", schema),
      ])
    }
    var all = operation.pathParameters.map { parameter($0.name, "path", isRequired: true, $0.json(&components)) }
    all += operation.queryParameters.map {
      parameter($0.name, "query", isRequired: $0.isRequired, $0.json(&components))
    }
    let text = JSONValue.object([.init("type", .string("string"))])
    if operation.ifMatch != .ignored {
      all.append(parameter("If-Match", "header", isRequired: operation.ifMatch == .required, text))
    }
    if operation.success.isConditional, operation.method == .get {
      all.append(parameter("If-None-Match", "header", isRequired: false, text))
    }
    return all
  }

  private static func success(
    _ operation: OperationDescription, _ components: inout SchemaComponents
  ) -> [JSONValue.Member] {
    let success = operation.success
    var headers = success.headers
    if success.isConditional { headers.append(HeaderDeclaration(.eTag, "Of what is answered.", isAlways: true)) }
    var described: [JSONValue.Member] = [.init("description", .string(success.meaning))]
    if !headers.isEmpty {
      described.append(
        .init(
          "headers",
          .object(
            headers.map { header in
              .init(
                header.name.rawName,
                .object([
                  .init("description", .string(header.meaning)),
                  .init("schema", .object([.init("type", .string("string"))])),
                ]))
            })))
    }
    if !success.mediaTypes.isEmpty {
      described.append(.init("content", contents(success.mediaTypes, success.schema?.json(&components))))
    }
    if !success.links.isEmpty { described.append(.init("links", .object(success.links.map(link)))) }
    var responses = success.statuses.map { JSONValue.Member(String($0.code), .object(described)) }
    if success.isConditional, operation.method == .get {
      responses.append(.init("304", .object([.init("description", .string("The caller has it already."))])))
    }
    return responses
  }

  private static func link(_ link: LinkDeclaration) -> JSONValue.Member {
    let parameters = link.parameters.map { JSONValue.Member($0.name, .string($0.expression)) }
    return .init(
      link.operationID,
      .object([.init("operationId", .string(link.operationID)), .init("parameters", .object(parameters))]))
  }

  private static func failures(
    _ failures: [FailureDeclaration], _ components: inout SchemaComponents
  ) -> [JSONValue.Member] {
    let schema = RequestFailure.schema.json(&components)
    func described(_ meaning: String) -> JSONValue {
      .object([.init("description", .string(meaning)), .init("content", contents(["application/json"], schema))])
    }
    let statuses = Set(failures.map(\.status.code)).sorted()
    let own = statuses.map { status in
      let meaning = failures.filter { $0.status.code == status }.map { "`\($0.code)`: \($0.meaning)" }
      return JSONValue.Member(String(status), described(meaning.joined(separator: "\n\n")))
    }
    return own + [.init("5XX", described("The service, or something it needs, cannot answer now."))]
  }

  /// - Parameter schema: of JSON; other types are described by their names alone.
  private static func contents(_ mediaTypes: [String], _ schema: JSONValue?) -> JSONValue {
    .object(
      mediaTypes.map { type in
        let members = type == "application/json" ? schema.map { [JSONValue.Member("schema", $0)] } : nil
        return .init(type, .object(members ?? []))
      })
  }

  private static func securitySchemes(_ used: [Access]) -> JSONValue {
    var schemes: [JSONValue.Member] = []
    func add(_ name: String, _ members: [JSONValue.Member]) { schemes.append(.init(name, .object(members))) }
    if used.contains(where: { $0 == .person || $0 == .manager || $0.isAlsoForServices }) {
      add(
        "token",
        [
          .init("type", .string("http")), .init("scheme", .string("bearer")), .init("bearerFormat", .string("JWT")),
          .init("description", .string("An access token, sent to the gateway.")),
        ])
    }
    if used.contains(where: { $0 == .service || $0.isAlsoForServices }) {
      add(
        "service",
        [
          .init("type", .string("apiKey")), .init("in", .string("header")), .init("name", .string("X-Service-Auth")),
          .init("description", .string("Between the services of the platform; the gateway does not let it through.")),
        ])
    }
    if used.contains(.key) {
      add("key", [.init("type", .string("http")), .init("scheme", .string("bearer"))])
    }
    return .object(schemes)
  }
}

extension Access {
  /// Nil for what anyone may call; anonymous readers of a public thing may also be known.
  fileprivate var security: JSONValue? {
    switch self {
    case .anyone: nil
    case .person, .manager: Self.anyOf("token")
    case .service: Self.anyOf("service")
    case .personOrService, .managerOrService: Self.anyOf("token", "service")
    case .key: Self.anyOf("key")
    }
  }

  fileprivate var isAlsoForServices: Bool { self == .personOrService || self == .managerOrService }

  private static func anyOf(_ names: String...) -> JSONValue {
    .array(names.map { .object([.init($0, .array([]))]) })
  }
}
