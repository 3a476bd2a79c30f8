import HTTPTypes
import Hummingbird

/// The operations of a service: declared, answered, routed and documented together.
package struct API<Context: IdentifiedRequestContext>: Sendable {
  private struct Route: Sendable {
    let description: OperationDescription
    let respond: Respond
  }

  package typealias Respond = @Sendable (Request, Context) async throws -> Response

  package let title: String
  package let version: String
  /// For people, in the document.
  package let notes: String
  /// The start that all paths share, as `/api`; the document and its page are there.
  package let base: String
  /// In which any operation may fail.
  package let commonFailures: [FailureDeclaration]
  private let authorize: @Sendable (Access, Context) throws(RequestFailure) -> Void
  private var routes: [Route] = []

  /// - Parameter authorize: refuses who may not call an operation with such an access.
  package init(
    title: String, version: String, notes: String, base: String = "/api", commonFailures: [FailureDeclaration] = [],
    authorize: @escaping @Sendable (Access, Context) throws(RequestFailure) -> Void
  ) {
    self.title = title
    self.version = version
    self.notes = notes
    self.base = base
    self.commonFailures = commonFailures
    self.authorize = authorize
  }

  package var operations: [OperationDescription] { routes.map(\.description) }

  /// Adds an operation and who answers it.
  package mutating func on<Path, Query, Body, Success>(
    _ operation: APIOperation<Path, Query, Body, Success>,
    _ answer: @escaping @Sendable (Call<Path, Query, Body>, Context) async throws -> Reply<Success>
  ) {
    add(operation.description) { request, context in
      let call = try await operation.call(request, context.parameters)
      return operation.response(try await answer(call, context), to: request)
    }
  }

  /// Adds an operation that reads its request itself.
  package mutating func on(
    raw description: OperationDescription,
    _ respond: @escaping Respond
  ) {
    precondition(description.isRaw, "\(description.id) reads its request as declared")
    add(description, respond)
  }

  private mutating func add(_ description: OperationDescription, _ respond: @escaping Respond) {
    if let problem = problem(with: description) { preconditionFailure("\(description.id): \(problem)") }
    routes.append(Route(description: description, respond: respond))
  }

  /// What is wrong with a declaration, or nil.
  private func problem(with new: OperationDescription) -> String? {
    if Set(new.templateNames) != Set(new.pathParameters.map(\.name)) {
      return "the path \(new.template) and the fields of the path have different names"
    }
    if !new.template.hasPrefix(base + "/") { return "\(new.template) is not below \(base)" }
    for known in operations {
      if known.id == new.id { return "this id is taken" }
      guard known.segments == new.segments else { continue }
      if known.method == new.method { return "\(new.method) \(new.template) is taken" }
      // The router would find one of the two only.
      if known.templateNames != new.templateNames { return "\(known.template) and \(new.template) are one path" }
    }
    return nil
  }

  /// Routes every operation.
  /// - Parameter introduce: finds out who asks, before the operation's access is looked at.
  package func add(
    to router: some RouterMethods<Context>,
    introduce: @escaping @Sendable (inout Context, Request) async throws -> Void = { _, _ in }
  ) {
    for route in routes {
      let (access, respond) = (route.description.access, route.respond)
      router.on(RouterPath(route.description.template), method: route.description.method) { request, context in
        var context = context
        try await introduce(&context, request)
        try authorize(access, context)
        return try await respond(request, context)
      }
    }
  }

  /// What answers such a request, or nil.
  package func operation(_ method: HTTPRequest.Method, at path: String) -> OperationDescription? {
    let segments = path.split(separator: "/")
    let wanted = method == .head ? .get : method
    let found = operations.filter { $0.method == wanted && $0.matches(segments) }
    // A word of a path goes before a parameter, as in the router.
    return found.min { $0.pathParameters.count < $1.pathParameters.count }
  }

  /// The methods with which a path is answered; empty when there is no such path.
  func methods(at path: String) -> [HTTPRequest.Method] {
    let segments = path.split(separator: "/")
    let matching = operations.filter { $0.matches(segments) }
    // A word of a path goes before a parameter: what is named there is no id.
    let parameters = matching.map(\.pathParameters.count).min()
    var methods: [HTTPRequest.Method] = []
    for operation in matching
    where operation.pathParameters.count == parameters && !methods.contains(operation.method) {
      methods.append(operation.method)
      if operation.method == .get { methods.append(.head) }
    }
    return methods
  }
}

extension OperationDescription {
  fileprivate func matches(_ path: [Substring]) -> Bool {
    let own = segments
    return own.count == path.count && zip(own, path).allSatisfy { $0 == nil || $0 == $1 }
  }
}
