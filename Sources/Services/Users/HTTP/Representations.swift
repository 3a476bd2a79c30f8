import CivilTime
import HTTPService

extension Account {
  /// As everybody who may know of it sees it.
  static let representation = Representation<Account>.object("User", shared)

  /// As a manager sees it in the list.
  static let listed = Representation<Account>.object(
    "ListedUser",
    shared + [
      .init("created_at", .moment) { $0.createdAt },
      .init("last_login_at", .nullable(.moment)) { $0.lastLoginAt },
      .init("deleted_at", .nullable(.moment), "Since then disabled; erased after the grace.") { $0.deletedAt },
    ])

  private static let shared: [Representation<Account>.Member] = [
    .init("id", .id) { $0.id },
    .init("name", .text) { $0.name },
    .init("surname", .text) { $0.surname },
    .init("email", .text) { $0.email },
    .init("is_manager", .flag) { $0.isManager },
  ]

  var entityTag: EntityTag { EntityTag(version: version) }
}

extension PasswordReset.Issued {
  static let representation = Representation<PasswordReset.Issued>.object(
    "ResetCode",
    [
      .init("code", .text, "Shown this once: hand it to the person.") { $0.code.text },
      .init("expires_at", .moment) { $0.expiresAt },
    ])
}
