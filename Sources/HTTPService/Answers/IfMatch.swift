import HTTPTypes
import Hummingbird

/// What a writer says it has seen: `If-Match`.
package struct IfMatch: Sendable, Equatable {
  /// Whether an operation looks at `If-Match`.
  package enum Demand: Sendable {
    case ignored
    /// Looked at when it is given.
    case optional
    /// Asked for: a lost update would hurt.
    case required
  }

  private let tags: [String]

  init(_ tags: [String]) {
    self.tags = tags
  }

  /// The request's, or nil without one.
  /// - Throws: 428 when it is required and absent.
  static func read(_ request: Request, _ demand: Demand) throws(RequestFailure) -> IfMatch? {
    let values = request.headers[values: .ifMatch]
    switch demand {
    case .ignored: return nil
    case .optional, .required:
      if !values.isEmpty { return IfMatch(values.flatMap(EntityTag.items).map(String.init)) }
      guard demand == .optional else {
        throw RequestFailure(
          .preconditionRequired, code: "PRECONDITION_REQUIRED",
          message: "Send If-Match with the ETag of what you have read, so that nobody's change is lost.")
      }
      return nil
    }
  }

  /// Compares strongly, as RFC 9110 asks: a weak tag matches nothing.
  /// - Throws: 412 when what is there now is something else.
  package func check(_ current: EntityTag) throws(RequestFailure) {
    let version = EntityTag.version(of: current.text)
    guard tags.contains(where: { $0 == "*" || (EntityTag.version(of: $0) == version && !$0.hasPrefix("W/")) }) else {
      throw RequestFailure(
        .preconditionFailed, code: "PRECONDITION_FAILED",
        message: "It was changed by somebody else meanwhile: read it again.", headers: [.eTag: current.text])
    }
  }
}
