import HTTPTypes
import Hummingbird

/// Answers 405 with `Allow` where the path exists and the method does not.
package struct MethodRefusal<Context: IdentifiedRequestContext>: RouterMiddleware {
  private let api: API<Context>

  package init(_ api: API<Context>) {
    self.api = api
  }

  package func handle(
    _ request: Request, context: Context, next: (Request, Context) async throws -> Response
  ) async throws -> Response {
    do {
      return try await next(request, context)
    } catch let error as HTTPError where error.status == .notFound {
      let methods = api.methods(at: request.uri.path)
      guard !methods.isEmpty, !methods.contains(request.method) else { throw error }
      let allowed = methods.map(\.rawValue).joined(separator: ", ")
      throw RequestFailure(
        .methodNotAllowed, code: "METHOD_NOT_ALLOWED",
        message:
          "\(request.uri.path) is not answered to \(Problems.shown(request.method.rawValue)); allowed: \(allowed).",
        headers: [.allow: allowed])
    }
  }
}
