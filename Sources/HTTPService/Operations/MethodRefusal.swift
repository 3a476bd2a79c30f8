import HTTPTypes
import Hummingbird
import JSON

/// Answers 405 with `Allow` where the path exists and the method does not.
package struct MethodRefusal<Context: IdentifiedRequestContext>: RouterMiddleware {
  private let api: API<Context>
  private let code: String

  /// - Parameter code: as the role writes its codes.
  package init(_ api: API<Context>, code: String = "METHOD_NOT_ALLOWED") {
    self.api = api
    self.code = code
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
        .methodNotAllowed, code: code,
        message:
          "\(request.uri.path) is not answered to \(ForeignText.shown(request.method.rawValue)); allowed: \(allowed).",
        headers: [.allow: allowed])
    }
  }
}
