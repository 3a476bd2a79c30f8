import CivilTime
import ServiceContract

/// What is to become different; nil stays.
package struct AccountChange: Sendable {
  package var name: PersonName?
  package var surname: PersonName?
  package var email: EmailAddress?
  package var isManager: Bool?

  package init() {}

  var isEmpty: Bool { name == nil && surname == nil && email == nil && isManager == nil }
}

/// Changes accounts. A new password or address asks for the old password, also from a manager, whose way is a reset code.
struct AccountEditor: Sendable {
  /// So many wrong ones, and the old password is not looked at before the time is over: whoever has a stolen token must not
  /// find out the password by trying. (The auth service counts for itself.)
  static let mostGuesses = 10
  static let guessingSeconds = 900

  let store: UserStore
  let hasher: PasswordHasher
  let policy: PasswordPolicy
  let trueTime: @Sendable () -> Instant

  struct Passwords: Sendable {
    let new: Password?
    let old: Password?
  }

  /// - Parameters:
  ///   - check: refuses a version that is not the one the caller has seen.
  ///   - endSessions: of a person; called within the transaction where the password changes or a manager is none any more.
  /// - Throws: `AccountProblem`, `PasswordHasherError`, `PostgresError`; what `check` throws.
  func change(
    _ id: Int64, _ wanted: AccountChange, _ passwords: Passwords, for caller: Caller, at now: Int64,
    until deadline: ContinuousClock.Instant, check: @escaping @Sendable (Int64) throws -> Void,
    endSessions: @escaping @Sendable (Int64) throws -> Void
  ) async throws -> Account {
    if wanted.isManager != nil, !caller.isManager { throw AccountProblem.notAManager }
    let known = try await store.credentials(of: id, for: caller, until: deadline)
    try check(known.account.version)
    var change = wanted
    if change.email?.normalised == known.account.email { change.email = nil }
    var proven: Int64?
    if passwords.new != nil || change.email != nil {
      guard let old = passwords.old else { throw AccountProblem.oldPasswordMissing }
      try await prove(old, known, for: caller, until: deadline)
      proven = known.passwordVersion
    }
    var hash: PasswordHash?
    if let new = passwords.new {
      let owner = PasswordPolicy.Owner(
        name: change.name?.text ?? known.account.name, surname: change.surname?.text ?? known.account.surname,
        email: change.email?.normalised ?? known.account.email)
      if let objection = policy.objection(to: new, of: owner) { throw AccountProblem.badPassword(objection) }
      hash = try await hasher.hash(new, until: deadline)
    }
    if change.isEmpty, hash == nil { return known.account }
    return try await store.change(
      id, change, password: hash, proven: proven, for: caller, at: now, until: deadline, check: check,
      endSessions: endSessions)
  }

  private func prove(
    _ old: Password, _ known: Credentials, for caller: Caller, until deadline: ContinuousClock.Instant
  ) async throws {
    let id = known.account.id
    if !caller.isService {
      let isAllowed = try await store.countGuess(
        at: id, most: Self.mostGuesses, withinSeconds: Self.guessingSeconds, now: trueTime(), until: deadline)
      guard isAllowed else { throw AccountProblem.tooManyGuesses(retryAfterSeconds: Self.guessingSeconds) }
    }
    guard case .right = try await hasher.verify(old, against: known.hash, until: deadline) else {
      throw AccountProblem.oldPasswordWrong
    }
    if !caller.isService { try await store.forgiveGuesses(at: id, until: deadline) }
  }
}
