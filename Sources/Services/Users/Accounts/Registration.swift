import ServiceContract

/// What somebody registers with.
package struct Registration: Sendable {
  package let name: PersonName
  package let surname: PersonName
  package let email: EmailAddress
  package let password: Password

  package init(name: PersonName, surname: PersonName, email: EmailAddress, password: Password) {
    self.name = name
    self.surname = surname
    self.email = email
    self.password = password
  }

  var owner: PasswordPolicy.Owner {
    PasswordPolicy.Owner(name: name.text, surname: surname.text, email: email.normalised)
  }
}

/// Takes people in.
package struct Registrar: Sendable {
  private let store: UserStore
  private let hasher: PasswordHasher
  private let policy: PasswordPolicy

  package init(store: UserStore, hasher: PasswordHasher, policy: PasswordPolicy) {
    self.store = store
    self.hasher = hasher
    self.policy = policy
  }

  /// - Parameter now: when, milliseconds since 1970.
  /// - Throws: `AccountProblem`, `PasswordHasherError`, `PostgresError`.
  package func register(
    _ registration: Registration, isManager: Bool = false, at now: Int64, until deadline: ContinuousClock.Instant
  ) async throws -> Account {
    if let objection = policy.objection(to: registration.password, of: registration.owner) {
      throw AccountProblem.badPassword(objection)
    }
    let hash = try await hasher.hash(registration.password, until: deadline)
    return try await store.register(registration, hash, isManager: isManager, at: now, until: deadline)
  }
}
