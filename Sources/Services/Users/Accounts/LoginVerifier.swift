/// Finds out whether somebody is who he says.
struct LoginVerifier: Sendable {
  /// How often the password may have changed under a login before it is refused.
  private static let attempts = 3

  let store: UserStore
  let hasher: PasswordHasher

  /// Notes the login where the password is right.
  ///
  /// An address that nobody has costs a hash too. No transaction waits for a hash: what was verified is compared once more when
  /// the login is noted.
  /// - Parameters:
  ///   - email: as typed.
  ///   - timeZone: where the person is, if known.
  /// - Throws: `.invalidCredentials`; `PasswordHasherError`, `PostgresError`.
  func verify(
    email: String, _ password: Password, timeZone: String?, at now: Int64, until deadline: ContinuousClock.Instant
  ) async throws -> Account {
    let address = try? EmailAddress(email)
    for _ in 0..<Self.attempts {
      let known: Credentials? =
        if let address { try await store.credentials(of: address, until: deadline) } else { nil }
      let verdict = try await hasher.verify(password, against: known?.hash, until: deadline)
      guard case .right(let rehashed) = verdict, let known else { throw AccountProblem.invalidCredentials }
      let account = try await store.recordLogin(
        known, rehashed: rehashed, timeZone: timeZone, at: now, until: deadline)
      if let account { return account }
    }
    throw AccountProblem.invalidCredentials
  }
}
