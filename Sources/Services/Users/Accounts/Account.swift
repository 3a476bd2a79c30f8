import CivilTime

/// A person's account, as the database has it. No textual form of it says more than its number: names and addresses of people
/// are in no log.
package struct Account: Sendable, Equatable, CustomStringConvertible, CustomDebugStringConvertible,
  CustomReflectable
{
  package let id: Int64
  package let name: String
  package let surname: String
  package let email: String
  package let isManager: Bool
  /// Counts the changes of what is shown.
  package let version: Int64
  /// Microseconds since 1970, to the last digit: pages go by it.
  package let createdAtMicros: Int64
  package let lastLoginAt: Instant?
  /// Since then nobody logs in with it.
  package let deletedAt: Instant?

  package var createdAt: Instant { Instant(milliseconds: Int(createdAtMicros / 1000)) }

  package var description: String { "account \(id)" }
  package var debugDescription: String { description }
  package var customMirror: Mirror { Mirror(self, children: ["id": id]) }
}

/// An account and what its owner proves himself by.
package struct Credentials: Sendable {
  package let account: Account
  /// Nil where what is stored is no hash: no password is right then.
  package let hash: PasswordHash?
  /// Counts the passwords, not how often one was hashed.
  package let passwordVersion: Int64
}
