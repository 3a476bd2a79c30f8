import HTTPTypes
import Hummingbird
import JSON

/// Refuses with 405 and `Allow` where the path exists and the method does not.
package struct MethodRefusal<Context: IdentifiedRequestContext>: Sendable {
  private let api: API<Context>
  private let code: String

  /// - Parameter code: as the role writes its codes.
  package init(_ api: API<Context>, code: String = "METHOD_NOT_ALLOWED") {
    self.api = api
    self.code = code
  }

  /// - Parameter error: the router's, which found nothing.
  func refusal(of request: Request, after error: any Error) -> RequestFailure? {
    guard let error = error as? HTTPError, error.status == .notFound else { return nil }
    let methods = api.methods(at: request.uri.path)
    guard !methods.isEmpty, !methods.contains(request.method) else { return nil }
    let allowed = methods.map(\.rawValue).joined(separator: ", ")
    return RequestFailure(
      .methodNotAllowed, code: code,
      message:
        "\(request.uri.path) is not answered to \(ForeignText.shown(request.method.rawValue)); allowed: \(allowed).",
      headers: [.allow: allowed])
  }
}
