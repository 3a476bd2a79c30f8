import Blocking
import ServiceContract

/// Logs people out everywhere: what the auth service does for this one.
package protocol SessionRevoker: Sendable {
  /// All tokens of the person that were issued until now are refused from now on.
  func revokeSessions(of person: Int64, for context: CallContext) async throws
}

extension SessionRevoker {
  /// How long a transaction is held open for it.
  private var longest: Duration { .seconds(2) }

  /// For within a transaction: blocks. So a login that meets the change waits for the person's row, and finds another password.
  /// - Throws: `AccountProblem.sessionsNotEnded`.
  func endSessions(of person: Int64, for context: CallContext) throws {
    do {
      try BlockingThread.wait(until: min(context.deadline, .now + longest)) {
        try await revokeSessions(of: person, for: context)
      }
    } catch { throw AccountProblem.sessionsNotEnded("\(error)") }
  }
}
