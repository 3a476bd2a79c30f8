import HTTPService
import ServiceContract
import ServiceStore

extension UsersService {
  /// What the platform's other services ask. Never through the gateway.
  mutating func addPeople() {
    on(
      APIOperation(
        .post, "/api/internal/people", id: "lookUpPeople", "People by their addresses or ids", tag: "services",
        access: .service, body: .json(PeopleQuestion.self, limitBytes: PeopleQuestion.limitBytes),
        success: .json(as: .array(Account.person), "Those that there are and who are not disabled, by id."),
        failures: StoreFailures.declarations)
    ) { [store] call, context in
      Reply(
        try await store.people(
          emails: call.body.emails, ids: call.body.ids, for: context.caller, until: context.deadline))
    }
  }
}

extension Account {
  /// As other services see it.
  fileprivate static let person = Representation<Account>.object(
    "Person",
    [
      .init("id", .id) { $0.id }, .init("name", .text) { $0.name }, .init("surname", .text) { $0.surname },
      .init("email", .text, "In lower case.") { $0.email },
    ])
}

/// Who is looked for.
private struct PeopleQuestion: RequestObject {
  /// 500 of the longest addresses.
  static let limitBytes = 256 << 10
  private static let atOnce = 0...500

  struct Fields: FieldSet {
    let emails = Field(
      optional: "emails", .array(of: .text(0...EmailAddress.longest + 66), count: PeopleQuestion.atOnce),
      "Those that cannot be addresses are nobody's.")
    let ids = Field(optional: "user_ids", .array(of: .id, count: PeopleQuestion.atOnce))
  }

  let emails: [EmailAddress]
  let ids: [Int64]

  init(_ given: Given<Fields>) {
    emails = (given.emails ?? []).compactMap { try? EmailAddress($0) }
    ids = given.ids ?? []
  }
}
