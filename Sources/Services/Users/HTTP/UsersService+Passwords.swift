import CivilTime
import HTTPService
import ServiceContract

extension UsersService {
  private static var passwordsTag: String { "passwords" }

  mutating func addPasswords() {
    addVerification()
    addReset()
  }

  private mutating func addVerification() {
    let verifier = LoginVerifier(store: store, hasher: hasher)
    on(
      APIOperation(
        .post, "/api/verify_user", id: "verifyUser", "Verify a login, and note it", tag: Self.passwordsTag,
        access: .service, body: .json(Login.self), success: .json(as: Account.representation, "Who logged in."),
        failures: [UsersFailures.invalidCredentials])
    ) { call, context in
      Reply(
        try await verifier.verify(
          email: call.body.email, call.body.password, timeZone: call.body.timezone, at: context.now,
          until: context.deadline))
    }
  }

  private mutating func addReset() {
    let reset = PasswordReset(store: store, hasher: hasher, policy: policy)
    let trueTime = trueTime
    on(
      APIOperation(
        .post, "/api/users/{id}/reset_code", id: "addResetCode", "A code for who has lost the password",
        tag: Self.passwordsTag, access: .manager, path: UserPath.self,
        success: .json(.created, as: PasswordReset.Issued.representation, "Good for one password, within a day."),
        failures: [UsersFailures.notFound])
    ) { call, context in
      let issued = try await reset.issue(
        to: call.path.id, by: context.caller, at: trueTime(), until: context.deadline)
      context.logger.notice("a reset code was issued", metadata: ["user_id": "\(call.path.id)"])
      return Reply(issued)
    }
    on(
      APIOperation(
        .post, "/api/reset_password", id: "resetPassword", "A new password by a manager's code", tag: Self.passwordsTag,
        access: .anyone, body: .json(NewPassword.self),
        success: .empty(.noContent, "It is set, and all sessions are ended."), failures: [UsersFailures.resetRefused])
    ) { [sessions] call, context in
      do {
        try await reset.redeem(
          email: call.body.email, code: call.body.code, password: call.body.password, at: trueTime(),
          changedAt: context.now, until: context.deadline,
          endSessions: { try sessions.endSessions(of: $0, for: context) })
      } catch AccountProblem.badPassword(let objection) {
        throw UsersFailures.invalid("new_password", objection.reason)
      }
      return Reply()
    }
  }
}
