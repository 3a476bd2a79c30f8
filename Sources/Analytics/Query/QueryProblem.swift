import JSON

/// Why a query cannot be answered as written: a code for programs, words for people, and where.
package struct QueryProblem: Error, Sendable, Equatable {
  package let code: String
  package let message: String
  /// As `filters[1][2]`; empty for the query as a whole.
  package let path: String

  package init(_ code: String, _ path: String, _ message: String) {
    self.code = code
    self.path = path
    self.message = message
  }

  static func badValue(_ path: String, _ message: String) -> QueryProblem {
    QueryProblem("invalid_value", path, message)
  }

  static func wrongType(_ path: String, _ expected: String, _ found: JSONValue) -> QueryProblem {
    QueryProblem("wrong_type", path, "\(path.isEmpty ? "The query" : path) must be \(expected), not \(found.kind).")
  }

  /// Names what was given and everything that would have been right.
  static func unknown(_ code: String, _ path: String, _ given: String, allowed: [String]) -> QueryProblem {
    QueryProblem(
      code, path,
      "There is no \(code.dropFirst("unknown_".count)) “\(ForeignText.shown(given))”; allowed: \(allowed.joined(separator: ", "))."
    )
  }
}
