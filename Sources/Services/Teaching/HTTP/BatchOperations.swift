import HTTPService
import ServiceContract
import ServiceStore
import Telemetry

/// `/api/courses/{id}/enrollments/batch`: a teacher enrols many at once.
struct BatchOperations: Sendable {
  let courses: CourseStore
  let enrollments: EnrollmentStore
  let people: PeopleDirectory
  let signal: OutboxSignal
  let created: Counter

  /// 500 addresses of the longest.
  private static let limitBytes = 256 << 10

  func add(to api: inout API<CallContext>) {
    api.on(
      APIOperation(
        .post, "/api/courses/{id}/enrollments/batch", id: "enrollMany", "Enrol people in a course of one's own",
        tag: "enrolments", access: .person, path: CoursePath.self,
        body: .json(EnrollmentBatch.self, limitBytes: Self.limitBytes),
        success: .json(as: .array(BatchLine.representation), "What became of each line, addresses first."),
        failures: StoreFailures.declarations + [
          CourseAccess.notFound, CourseAccess.notYours, EnrollmentStore.tooManyGuesses, ServiceCallError.unavailable,
          ServiceCallError.overloaded, ServiceCallError.malformedAnswer,
        ])
    ) { call, context in
      let access = CourseAccess(context.caller)
      // Before anything is said of anybody.
      _ = try await courses.course(call.path.id, toChange: access, until: context.deadline)
      let meant = try await meant(by: call.body.lines, context)
      try await enrollments.countUnknown(meant.count { $0 == nil }, for: context.caller, until: context.deadline)
      let (found, new) = try await enrollments.enroll(
        Set(meant.compactMap(\.self)).sorted(), in: call.path.id, for: access, at: context.now,
        until: context.deadline)
      if !new.isEmpty { signal.raise() }
      created.increment(by: UInt64(new.count))
      return Reply(BatchLine.lines(call.body.lines, meant, enrollments: found, new: new))
    }
  }

  /// Whom each line means; nil: nobody.
  private func meant(by lines: [EnrollmentBatch.Line], _ context: CallContext) async throws -> [Int64?] {
    let (emails, users) = lines.reduce(into: ([String](), [Int64]())) { found, line in
      switch line {
      case .email(let address): found.0.append(address)
      case .user(let id): found.1.append(id)
      }
    }
    let byAddress = try await people.people(withAddresses: emails, for: context)
    let byID = try await people.people(users, for: context)
    return lines.map { line in
      switch line {
      case .email(let address): byAddress[PeopleDirectory.address(address)]?.id
      case .user(let id): byID[id]?.id
      }
    }
  }
}
