import HTTPService
import NIOCore
import ServiceContract

/// A service that knows more of a person than who he is, asked for it.
package struct ExportSource: Sendable {
  /// The longest answer that is taken.
  static let limitBytes = 32 << 20
  private static let spaces: Set<UInt8> = [0x0A, 0x0D, 0x20]

  static let tooLarge = FailureDeclaration(
    .conflict, "EXPORT_TOO_LARGE", "What is kept of this person is more than an export may have: ask the operator.")
  static let incomplete = FailureDeclaration(
    .serviceUnavailable, "EXPORT_INCOMPLETE", "A service that has a part of it cannot be asked; the message names it.")

  /// As people know it: `decks`.
  let name: String
  let client: ServiceClient

  package init(_ name: String, _ client: ServiceClient) {
    self.name = name
    self.client = client
  }

  /// What the service has of a person: an object of JSON, whole.
  /// - Throws: 503 with the service's name, 409 where it is too long.
  func export(of person: Int64, for context: CallContext) async throws(RequestFailure) -> ArraySlice<UInt8> {
    let answer: ServiceAnswer
    do throws(ServiceCallError) {
      answer = try await client.send(
        .post, "/api/internal/export", body: Array(#"{"user_id":\#(person)}"#.utf8), answerLimit: Self.limitBytes,
        context: context)
    } catch {
      context.logger.warning("an export lacks a part", metadata: ["service": "\(name)", "error": "\(error)"])
      throw unavailable()
    }
    if answer.code == Self.tooLarge.code { throw Self.tooLarge.failure() }
    var body = answer.body[...]
    while let last = body.last, Self.spaces.contains(last) { body.removeLast() }
    guard answer.status == 200, body.first == UInt8(ascii: "{"), body.last == UInt8(ascii: "}") else {
      context.logger.warning("an export lacks a part", metadata: ["service": "\(name)", "status": "\(answer.status)"])
      throw unavailable()
    }
    return body
  }

  private func unavailable() -> RequestFailure {
    Self.incomplete.failure(
      "The \(name) service cannot be asked for its part, and an export is whole or not at all; try again later.",
      headers: [.retryAfter: "5"])
  }
}
