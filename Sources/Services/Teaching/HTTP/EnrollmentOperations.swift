import HTTPService
import ServiceContract
import ServiceStore
import Telemetry

/// `/api/enrollments/`: who is in which course, going in, going out, and being through with a deck.
struct EnrollmentOperations: Sendable {
  let list: EnrollmentList
  let enrollments: EnrollmentStore
  let signal: OutboxSignal
  let created: Counter

  private static let tag = "enrolments"
  private static let seen = StoreFailures.declarations + [EnrollmentStore.notFound]

  func add(to api: inout API<CallContext>) {
    addList(to: &api)
    addEnrolling(to: &api)
    addLeaving(to: &api)
    addCompleting(to: &api)
  }

  private func addList(to api: inout API<CallContext>) {
    api.on(
      APIOperation(
        .get, "/api/enrollments/", id: "listEnrollments",
        "My enrolments and those in courses that I teach, newest first; all for managers", tag: Self.tag,
        access: .person, query: EnrollmentQuery.self,
        success: .json(as: .array(Enrollment.representation), "A page of them.", headers: [PageRequest.header]),
        failures: StoreFailures.declarations + [PageRequest.invalidCursor])
    ) { call, context in
      let page = try PageRequest(
        cursor: call.query.cursor, limit: call.query.limit, of: "enrollments",
        filteredBy: [call.query.course.map(String.init) ?? ""])
      let found = try await list.page(
        of: call.query.course, after: page.after, count: page.fetchCount, for: context.caller, until: context.deadline)
      return page.page(of: found, at: EnrollmentList.place).reply
    }
  }

  private func addEnrolling(to api: inout API<CallContext>) {
    api.on(
      APIOperation(
        .post, "/api/enrollments/", id: "enroll",
        "Enrol in a published course, or by a code; with an Idempotency-Key it may be sent again", tag: Self.tag,
        access: .person, body: .json(NewEnrollment.self),
        success: .response(
          ["application/json"], "The enrolment; who was in the course before finds what he had reached.",
          schema: Enrollment.representation.schema, status: .created),
        failures: StoreFailures.declarations + [
          CourseAccess.notFound, EnrollmentStore.notPublished, EnrollmentStore.alreadyEnrolled,
          EnrollmentStore.codeRefused, EnrollmentStore.tooManyGuesses,
        ] + Repetition.failures)
    ) { call, context in
      let repetition = try Repetition(
        call.request, of: try context.caller.person(), "enroll", body: call.body.fingerprint)
      let applicant = EnrollmentStore.Applicant(
        caller: context.caller, repetition: repetition, now: context.now,
        report: { KeptReply(.created, $0, as: Enrollment.representation) })
      let outcome = try await enter(call.body, applicant, context)
      if outcome.isNew {
        signal.raise()
        created.increment()
      }
      return Reply(outcome.reply.response)
    }
  }

  private func enter(
    _ new: NewEnrollment, _ applicant: EnrollmentStore.Applicant, _ context: CallContext
  ) async throws -> EnrollmentStore.Outcome {
    switch new.way {
    case .course(let course): try await enrollments.enroll(applicant, in: course, until: context.deadline)
    case .code(let code, let course):
      try await enrollments.join(applicant, by: code, course: course, until: context.deadline)
    }
  }

  private func addLeaving(to api: inout API<CallContext>) {
    api.on(
      APIOperation(
        .delete, "/api/enrollments/{id}/", id: "unenroll", "Leave a course, or let somebody go from one's own",
        tag: Self.tag, access: .person, path: EnrollmentPath.self,
        success: .empty(.noContent, "It is over; enrolling again brings back what was reached."), failures: Self.seen)
    ) { call, context in
      try await enrollments.leave(call.path.id, for: context.caller, at: context.now, until: context.deadline)
      signal.raise()
      return Reply()
    }
  }

  private func addCompleting(to api: inout API<CallContext>) {
    api.on(
      APIOperation(
        .post, "/api/enrollments/{id}/decks/{rel}/complete/", id: "completeDeck",
        "Say that one is through with a deck", tag: Self.tag, access: .person, path: PlacePath.self,
        success: .json(as: Enrollment.representation, "The enrolment as it is now."),
        failures: Self.seen + [EnrollmentStore.notYours, CourseDeckStore.notFound])
    ) { call, context in
      let (enrollment, changed) = try await enrollments.complete(
        call.path.place, in: call.path.id, for: context.caller, at: context.now, until: context.deadline)
      if changed { signal.raise() }
      return Reply(enrollment)
    }
  }
}
