import Foundation

/// A person who is signed in, and stays so: his tokens are refreshed before they end.
package struct SignedInPerson: Sendable {
  package private(set) var tokens: PlatformTokens
  package var id: Int64 { tokens.personID }

  package init(_ tokens: PlatformTokens) {
    self.tokens = tokens
  }

  /// Sends a call in the person's name.
  /// - Parameter time: the value of `X-Simulated-Time`; tokens are refreshed by the true clock whatever it says.
  package mutating func send<Answer>(
    _ call: PlatformCall<Answer>, over connection: PlatformConnection, time: String? = nil
  ) throws(PlatformError) -> Answer {
    if tokens.isStale(at: Int64(Date().timeIntervalSince1970)) { tokens = try connection.send(.refresh(tokens)) }
    return try connection.send(call, token: tokens.access, time: time)
  }

  /// Takes the tokens of a new login.
  package mutating func signIn(with tokens: PlatformTokens) { self.tokens = tokens }
}
