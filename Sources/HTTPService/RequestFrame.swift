import HTTPTypes
import Hummingbird
import Telemetry

/// What stands around every route of a role: the request has an id, is counted, timed and logged, and what is thrown becomes
/// the one error body.
///
/// One layer for all of it, since each layer is an asynchronous call of its own, with copies of request and context.
package struct RequestFrame<Context: IdentifiedRequestContext>: RouterMiddleware {
  private let observer: RequestObserver?
  private let failures: FailureBodies
  private let methods: MethodRefusal<Context>?
  private let complete: @Sendable (inout HTTPFields, Request) -> Void

  /// - Parameters:
  ///   - observer: counts, times and logs; nobody does if nil.
  ///   - methods: tells 405 from 404; nil where there is no API.
  ///   - complete: adds what every answer of the role has to its header.
  package init(
    observer: RequestObserver? = nil, failures: FailureBodies, methods: MethodRefusal<Context>? = nil,
    complete: @escaping @Sendable (inout HTTPFields, Request) -> Void = { _, _ in }
  ) {
    self.observer = observer
    self.failures = failures
    self.methods = methods
    self.complete = complete
  }

  package func handle(
    _ request: Request, context: Context, next: @concurrent (Request, Context) async throws -> Response
  ) async throws -> Response {
    var context = context
    context.requestID = RequestIdentity.identifier(request.headers[.requestID])
    context.logger[metadataKey: "hb.request.id"] = .string(context.requestID)
    let observed = observer?.begin(request, context)
    var response: Response
    do {
      response = try await next(request, context)
    } catch {
      response = failures.response(to: methods?.refusal(of: request, after: error) ?? error, request, context)
    }
    response.headers[.requestID] = context.requestID
    complete(&response.headers, request)
    observed?.see(&response)
    return response
  }
}
