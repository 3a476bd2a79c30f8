import HTTPTypes
import Hummingbird
import Telemetry

/// Turns every thrown error into the one error body, and counts it by its code; what nobody foresaw is logged and answered with
/// 500 and no detail.
package struct FailureBodies: Sendable {
  /// How the codes of failures that no role words itself are written.
  package enum Codes: Sendable {
    /// `not_found`
    case snakeCase
    /// `NOT_FOUND`
    case capitals
  }

  private let codes: Codes
  private let metrics: MetricsRegistry?
  /// What the metric's name begins with, as those of ``RequestObserver``.
  private let prefix: String
  private let translate: @Sendable (any Error) -> RequestFailure?

  /// - Parameters:
  ///   - metrics: gets the failures; none if nil.
  ///   - service: the name of a domain service, whose metric is `users_http_failures_total` and the like.
  ///   - translate: a role's own errors to failures; `nil` for errors it does not know.
  package init(
    codes: Codes = .snakeCase, metrics: MetricsRegistry? = nil, service: String? = nil,
    translate: @escaping @Sendable (any Error) -> RequestFailure? = { _ in nil }
  ) {
    self.codes = codes
    self.metrics = metrics
    prefix = service.map { $0 + "_" } ?? ""
    self.translate = translate
  }

  func response(to error: any Error, _ request: Request, _ context: some IdentifiedRequestContext) -> Response {
    let failure = failure(error, request, context)
    metrics?.counter(
      prefix + "http_failures_total", help: "Requests answered with an error.", labels: ["code": failure.code]
    ).increment()
    return failure.response(requestID: context.requestID)
  }

  private func failure(_ error: any Error, _ request: Request, _ context: some RequestContext) -> RequestFailure {
    if let failure = error as? RequestFailure { return failure }
    if let failure = translate(error) {
      if failure.status.code >= 500 {
        context.logger.error("request failed", metadata: ["error": "\(error)", "code": "\(failure.code)"])
      }
      return failure
    }
    if let error = error as? HTTPError {
      if error.status == .notFound {
        let message = "There is nothing at \(request.method.rawValue) \(request.uri.path)."
        return RequestFailure(.notFound, code: code("not_found"), message: error.body ?? message)
      }
      return RequestFailure(
        error.status, code: code(error.status.reasonPhrase), message: error.body ?? error.status.reasonPhrase,
        headers: error.headers)
    }
    if let error = error as? any HTTPResponseError {
      return RequestFailure(error.status, code: code(error.status.reasonPhrase), message: error.status.reasonPhrase)
    }
    context.logger.error("request failed", metadata: ["error": "\(error)"])
    return RequestFailure(
      .internalServerError, code: code("internal"),
      message: "Something failed here; the log has it under this request's id.")
  }

  private func code(_ words: String) -> String {
    let name = words.replacing(" ", with: "_")
    return codes == .capitals ? name.uppercased() : name.lowercased()
  }
}
