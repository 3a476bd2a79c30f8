import HTTPService
import HTTPTypes

/// A client's name for a request that it may send more than once: the header `Idempotency-Key`.
package struct IdempotencyKey: Sendable, Equatable {
  package let text: String

  /// 1 to 64 printable ASCII characters.
  package init?(_ text: String) {
    guard (1...64).contains(text.utf8.count), text.utf8.allSatisfy({ (0x20...0x7E).contains($0) }) else { return nil }
    self.text = text
  }

  /// The request's key; nil without one.
  /// - Throws: 400 for one that is malformed, or for several.
  package static func read(_ headers: HTTPFields) throws(RequestFailure) -> IdempotencyKey? {
    let values = headers[values: .idempotencyKey]
    guard let first = values.first else { return nil }
    guard values.count == 1, let key = IdempotencyKey(first) else { throw malformed.failure() }
    return key
  }

  /// To be declared by every operation that reads the header.
  package static let malformed = FailureDeclaration(
    .badRequest, "INVALID_IDEMPOTENCY_KEY", "Idempotency-Key must be 1 to 64 printable ASCII characters, given once.")
  /// To be declared by every operation that reads the header.
  package static let reused = FailureDeclaration(
    .conflict, "IDEMPOTENCY_KEY_REUSED",
    "This Idempotency-Key came with another body before: take a new one for another request.")
}

extension HTTPField.Name {
  package static let idempotencyKey = HTTPField.Name("Idempotency-Key")!
}
