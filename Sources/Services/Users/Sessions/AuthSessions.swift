import HTTPTypes
import ServiceContract

/// The auth service, asked to end sessions.
package struct AuthSessions: SessionRevoker {
  /// It answered, and has not done it.
  struct Refusal: Error, CustomStringConvertible {
    let answer: ServiceAnswer
    var description: String { "auth answered \(answer.status) \(answer.code ?? "")" }
  }

  private let auth: ServiceClient

  package init(_ auth: ServiceClient) { self.auth = auth }

  package func revokeSessions(of person: Int64, for context: CallContext) async throws {
    let answer = try await auth.send(
      .post, "/api/internal/revoke", body: Array(#"{"user_id":\#(person)}"#.utf8), context: context)
    guard answer.isSuccess else { throw Refusal(answer: answer) }
  }
}
