import HTTPService
import ServiceContract
import ServiceStore

/// `/api/courses/{id}/join_codes/`: for a course's teacher and managers.
struct JoinCodeOperations: Sendable {
  let codes: JoinCodeStore

  private static let tag = "join codes"
  private static let failures = StoreFailures.declarations + [CourseAccess.notFound, CourseAccess.notYours]

  func add(to api: inout API<CallContext>) {
    api.on(
      APIOperation(
        .post, "/api/courses/{id}/join_codes/", id: "addJoinCode", "Make a code that opens a course", tag: Self.tag,
        access: .person, path: CoursePath.self, body: .json(NewJoinCode.self),
        success: .json(.created, as: IssuedCode.representation, "The code: hand it to the learners."),
        failures: Self.failures + [JoinCodeStore.full])
    ) { call, context in
      Reply(
        try await codes.create(
          expiresAt: call.body.expiresAt, of: call.path.id, for: CourseAccess(context.caller), at: context.now,
          until: context.deadline))
    }
    api.on(
      APIOperation(
        .get, "/api/courses/{id}/join_codes/", id: "listJoinCodes", "The codes of a course, newest first",
        tag: Self.tag, access: .person, path: CoursePath.self,
        success: .json(as: .array(IssuedCode.representation), "Those that are not revoked."), failures: Self.failures)
    ) { call, context in
      Reply(
        try await codes.list(of: call.path.id, for: CourseAccess(context.caller), until: context.deadline))
    }
    api.on(
      APIOperation(
        .delete, "/api/courses/{id}/join_codes/{code}", id: "revokeJoinCode", "Revoke a code", tag: Self.tag,
        access: .person, path: JoinCodePath.self, success: .empty(.noContent, "It opens nothing any more."),
        failures: Self.failures + [JoinCodeStore.notFound])
    ) { call, context in
      try await codes.revoke(
        JoinCode(typed: call.path.code), of: call.path.id, for: CourseAccess(context.caller), at: context.now,
        until: context.deadline)
      return Reply()
    }
  }
}
