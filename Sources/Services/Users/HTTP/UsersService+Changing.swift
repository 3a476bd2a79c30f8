import HTTPService
import ServiceContract

extension UsersService {
  mutating func addChanging() {
    addRegistration()
    addEditing()
  }

  private mutating func addRegistration() {
    let registrar = Registrar(store: store, hasher: hasher, policy: policy)
    let registered = metrics.counter("users_registered_total", help: "People who registered.")
    on(
      APIOperation(
        .post, "/api/users/", id: "addUser", "Register somebody", tag: Self.tag, access: .managerOrService,
        body: .json(NewUser.self), success: .json(.created, as: Account.representation, "The user."),
        failures: [UsersFailures.emailTaken])
    ) { call, context in
      let account = try await registrar.register(
        call.body.registration, at: context.now, until: context.deadline)
      registered.increment()
      return Reply(account, headers: [.location: "/api/users/id/\(account.id)"])
    }
  }

  private mutating func addEditing() {
    let editor = AccountEditor(store: store, hasher: hasher, policy: policy, trueTime: trueTime)
    on(
      APIOperation(
        .patch, "/api/users/{id}", id: "changeUser", "Change a user: oneself; any for managers", tag: Self.tag,
        access: .personOrService, path: UserPath.self, body: .json(UserChange.self), success: Self.one,
        failures: [
          UsersFailures.notFound, UsersFailures.emailTaken, UsersFailures.oldPasswordMissing,
          UsersFailures.oldPasswordWrong, UsersFailures.notAManager, UsersFailures.tooManyGuesses,
        ], ifMatch: .optional)
    ) { [sessions] call, context in
      let account = try await editor.change(
        call.path.id, call.body.change, call.body.passwords, for: context.caller, at: context.now,
        until: context.deadline, check: { [ifMatch = call.ifMatch] in try ifMatch?.check(EntityTag(version: $0)) },
        endSessions: { try sessions.endSessions(of: $0, for: context) })
      return Reply(account, entityTag: account.entityTag)
    }
    let deleted = metrics.counter(
      "users_deleted_total", help: "People who were disabled, to be erased after the grace.")
    on(
      APIOperation(
        .delete, "/api/users/{id}", id: "deleteUser", "Delete a user: oneself; any for managers", tag: Self.tag,
        access: .person, path: UserPath.self,
        success: .empty(.noContent, "Disabled and logged out; the address is free; erased after the grace."),
        failures: [UsersFailures.notFound], ifMatch: .optional)
    ) { [store, sessions] call, context in
      try await store.disable(
        call.path.id, for: context.caller, at: context.now, until: context.deadline,
        check: { [ifMatch = call.ifMatch] in try ifMatch?.check(EntityTag(version: $0)) },
        endSessions: { try sessions.endSessions(of: $0, for: context) })
      deleted.increment()
      return Reply()
    }
  }
}
