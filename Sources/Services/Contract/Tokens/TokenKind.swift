/// What a token is for. The kind stands in the signed header `typ`, so that one is never taken for the other.
package enum TokenKind: String, Sendable, CaseIterable {
  /// Shown with each request.
  case access
  /// Shown to auth only, for a new pair.
  case refresh

  /// The value of `typ`: `at+jwt` as RFC 9068 has it, `rt+jwt` in its likeness.
  var type: String {
    switch self {
    case .access: "at+jwt"
    case .refresh: "rt+jwt"
    }
  }

  /// How long after its issue a token is good at the most; what outlived that would outlive its revocation.
  package var lifetimeSeconds: Int64 {
    switch self {
    case .access: 15 * 60
    case .refresh: 5 * 86_400
    }
  }
}
