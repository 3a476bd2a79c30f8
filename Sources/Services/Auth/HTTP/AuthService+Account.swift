import HTTPService
import ServiceContract

extension AuthService {
  mutating func addAccount() {
    let service = self
    on(
      APIOperation(
        .get, "/api/me", id: "getMe", "Who am I", tag: Self.tag, access: .person,
        success: .json(as: Person.representation, "As the users service knows me."),
        failures: [AuthFailures.accountGone] + AuthFailures.ofUsers)
    ) { _, context in
      guard let person = try await service.users.person(try context.caller.person(), context) else {
        throw AuthFailures.accountGone.failure()
      }
      return Reply(person)
    }
    on(
      APIOperation(
        .get, "/api/sessions", id: "listSessions", "Where I am logged in, last used first", tag: "sessions",
        access: .person, success: .json(as: .array(Session.representation), "All of them, at most 100."),
        failures: AuthFailures.ofStore)
    ) { call, context in
      let current = service.accessToken(call.request.headers, context)?.familyID
      let sessions = try await service.sessions.list(
        of: try context.caller.person(), at: service.clock(), until: context.deadline)
      return Reply(
        sessions.map { session in
          var session = session
          session.isCurrent = session.id == current
          return session
        })
    }
    on(
      APIOperation(
        .delete, "/api/sessions/{id}", id: "endSession", "Log out there", tag: "sessions", access: .person,
        path: SessionPath.self, success: .empty(.noContent, "Its tokens are refused."),
        failures: [AuthFailures.sessionNotFound] + AuthFailures.ofStore)
    ) { call, context in
      guard
        try await service.sessions.end(call.path.id, of: try context.caller.person(), until: context.deadline)
      else { throw AuthFailures.sessionNotFound.failure() }
      return Reply()
    }
  }
}
