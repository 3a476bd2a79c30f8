import HTTPService
import Hummingbird
import HummingbirdCore

/// A request's URL parameters, of which unknown ones and second ones are refused rather than overlooked.
enum URLParameters {
  static func check(_ request: Request, _ operation: OperationDescription) throws(QueryProblem) {
    let allowed = operation.queryParameters.map(\.name)
    try check(request.uri.queryParameters, allowed: allowed.isEmpty ? ["none"] : allowed)
  }

  static func check(_ parameters: FlatDictionary<Substring, Substring>, allowed: [String]) throws(QueryProblem) {
    var seen: Set<Substring> = []
    for (name, _) in parameters {
      guard allowed.contains(String(name)) else {
        throw .unknown("unknown_parameter", String(name), String(name), allowed: allowed)
      }
      guard seen.insert(name).inserted else {
        throw QueryProblem("invalid_value", String(name), "\(name) is given twice.")
      }
    }
  }
}
