import HTTPService
import ServiceContract

extension UsersService {
  static let tag = "users"
  static let one = SuccessDeclaration.json(as: Account.representation, "The user.", isConditional: true)

  mutating func addReading() {
    on(
      APIOperation(
        .get, "/api/users/", id: "listUsers", "All users, newest first", tag: Self.tag, access: .manager,
        query: UserQuery.self,
        success: .json(as: .array(Account.listed), "A page of them.", headers: [PageRequest.header]),
        failures: [PageRequest.invalidCursor])
    ) { [store] call, context in
      let page = try PageRequest(cursor: call.query.cursor, limit: call.query.limit, of: "users")
      let accounts = try await store.list(
        after: page.after, count: page.fetchCount, for: context.caller, until: context.deadline)
      return page.page(of: accounts) { PagePlace(position: $0.createdAtMicros, id: $0.id) }.reply
    }
    on(
      APIOperation(
        .get, "/api/users/id/{id}", id: "getUser", "A user by id: oneself; any for managers and services",
        tag: Self.tag, access: .personOrService, path: UserPath.self, success: Self.one,
        failures: [UsersFailures.notFound])
    ) { [store] call, context in
      let account = try await store.account(call.path.id, for: context.caller, until: context.deadline)
      return Reply(account, entityTag: account.entityTag)
    }
    on(
      APIOperation(
        .get, "/api/users/email/{email}", id: "getUserByEmail",
        "A user by e-mail address: oneself; any for managers and services", tag: Self.tag, access: .personOrService,
        path: EmailPath.self, success: Self.one, failures: [UsersFailures.notFound])
    ) { [store] call, context in
      let account = try await store.account(of: call.path.email, for: context.caller, until: context.deadline)
      return Reply(account, entityTag: account.entityTag)
    }
  }
}
