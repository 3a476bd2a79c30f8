import CivilTime
import ServiceContract

/// The way back in for who has lost the password: a manager's code, once, instead of it.
struct PasswordReset: Sendable {
  /// So many tries a code; then another must be asked for.
  static let mostTries = 10

  let store: UserStore
  let hasher: PasswordHasher
  let policy: PasswordPolicy

  struct Issued: Sendable {
    let code: ResetCode
    let expiresAt: Instant
  }

  /// A new code; those before it are worth nothing from now on.
  /// - Parameter now: the true time.
  func issue(
    to person: Int64, by caller: Caller, at now: Instant, until deadline: ContinuousClock.Instant
  ) async throws -> Issued {
    let code = ResetCode()
    let grant = ResetGrant(for: code, at: now)
    try await store.keep(grant, to: person, by: caller, until: deadline)
    return Issued(code: code, expiresAt: grant.expiresAt)
  }

  /// Sets the password and ends the person's sessions. A password that is not taken uses nothing up.
  /// - Parameters:
  ///   - email: as typed.
  ///   - code: as typed.
  ///   - now: the true time.
  ///   - changedAt: milliseconds since 1970, as the request has it.
  /// - Throws: `.resetRefused`, `.badPassword`, `.sessionsNotEnded`; `PasswordHasherError`, `PostgresError`.
  func redeem(
    email: String, code: String, password: Password, at now: Instant, changedAt: Int64,
    until deadline: ContinuousClock.Instant, endSessions: @escaping @Sendable (Int64) throws -> Void
  ) async throws {
    guard let address = try? EmailAddress(email), let code = ResetCode(typed: code),
      let tried = try await store.tryGrant(of: address, mostTries: Self.mostTries, until: deadline)
    else { throw AccountProblem.resetRefused }
    var grant = tried.grant
    do throws(ResetGrant.Refusal) { try grant.redeem(code, at: now) } catch { throw AccountProblem.resetRefused }
    let account = tried.account
    let owner = PasswordPolicy.Owner(name: account.name, surname: account.surname, email: account.email)
    if let objection = policy.objection(to: password, of: owner) {
      try await store.forgiveTries(of: account.id, until: deadline)
      throw AccountProblem.badPassword(objection)
    }
    let hash = try await hasher.hash(password, until: deadline)
    try await store.redeem(grant, of: account.id, hash, at: changedAt, until: deadline, endSessions: endSessions)
  }
}
