import HTTPService
import Hummingbird

/// A request's URL parameters, of which unknown ones are refused rather than overlooked.
enum URLParameters {
  static func check(_ request: Request, _ operation: OperationDescription) throws(QueryProblem) {
    let allowed = operation.queryParameters.map(\.name)
    for (name, _) in request.uri.queryParameters where !allowed.contains(String(name)) {
      let known = allowed.isEmpty ? ["none"] : allowed
      throw .unknown("unknown_parameter", String(name), String(name), allowed: known)
    }
  }
}
