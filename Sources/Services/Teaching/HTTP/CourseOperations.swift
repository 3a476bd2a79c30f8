import HTTPService
import ServiceContract
import ServiceStore
import Telemetry

/// `/api/courses/`: lists, and one course.
struct CourseOperations: Sendable {
  static let teacherUnknown = FailureDeclaration(
    .badRequest, "TEACHER_UNKNOWN", "Nobody of this number is registered.")
  static let notAManager = FailureDeclaration(.forbidden, "FORBIDDEN", "Only a manager says who teaches a course.")

  let list: CourseList
  let courses: CourseStore
  let titles: DeckTitles
  let people: PeopleDirectory
  let signal: OutboxSignal
  let created: Counter

  private static let tag = "courses"
  private static let withTag = SuccessDeclaration<Course>.json(
    as: Course.representation, "The course as it is now.", isConditional: true)
  private static let changing = StoreFailures.declarations + [CourseAccess.notFound, CourseAccess.notYours]

  func add(to api: inout API<CallContext>) {
    addReading(to: &api)
    addMaking(to: &api)
    addChanging(to: &api)
    addPublishing(true, to: &api)
    addPublishing(false, to: &api)
  }

  private func addReading(to api: inout API<CallContext>) {
    api.on(
      APIOperation(
        .get, "/api/courses/", id: "listCourses", "Courses that the caller may see, newest first", tag: Self.tag,
        access: .person, query: CourseQuery.self,
        success: .json(as: .array(Course.representation), "A page of them.", headers: [PageRequest.header]),
        failures: StoreFailures.declarations + [PageRequest.invalidCursor])
    ) { call, context in
      let page = try PageRequest(
        cursor: call.query.cursor, limit: call.query.limit, of: "courses", filteredBy: call.query.filters)
      let found = try await list.page(
        call.query, after: page.after, count: page.fetchCount, for: CourseAccess(context.caller),
        until: context.deadline)
      return page.page(of: found, at: CourseList.place).reply
    }
    api.on(
      APIOperation(
        .get, "/api/courses/{id}/", id: "getCourse", "A course with its decks", tag: Self.tag, access: .person,
        path: CoursePath.self,
        success: .json(as: CourseDetail.representation, "The course and its decks.", isConditional: true),
        failures: StoreFailures.declarations + [CourseAccess.notFound])
    ) { call, context in
      let (course, decks) = try await courses.detail(
        call.path.id, for: CourseAccess(context.caller), until: context.deadline)
      let detail = CourseDetail(course: course, decks: await titles.answers(decks, of: course.id, context))
      return Reply(detail, entityTag: detail.entityTag)
    }
  }

  private func addMaking(to api: inout API<CallContext>) {
    api.on(
      APIOperation(
        .post, "/api/courses/", id: "createCourse", "Make a course, which nobody else sees yet", tag: Self.tag,
        access: .person, body: .json(NewCourse.self),
        success: .json(.created, as: Course.representation, "The new course.", isConditional: true),
        failures: StoreFailures.declarations)
    ) { call, context in
      let course = try await courses.create(
        call.body, taughtBy: try context.caller.person(), at: context.now, until: context.deadline)
      signal.raise()
      created.increment()
      return Reply(
        course, headers: [.location: "/api/courses/\(course.id)/"], entityTag: EntityTag(version: course.version))
    }
  }

  private func addChanging(to api: inout API<CallContext>) {
    api.on(
      APIOperation(
        .patch, "/api/courses/{id}/", id: "changeCourse", "Change a course", tag: Self.tag, access: .person,
        path: CoursePath.self, body: .json(CourseChange.self), success: Self.withTag,
        failures: Self.changing + [
          Self.notAManager, Self.teacherUnknown, ServiceCallError.unavailable, ServiceCallError.overloaded,
          ServiceCallError.malformedAnswer,
        ], ifMatch: .optional)
    ) { call, context in
      let access = CourseAccess(context.caller)
      if let teacher = call.body.teacherID { try await check(teacher, of: call.path.id, access, context) }
      let (course, changed) = try await courses.update(
        call.path.id, call.body, for: access, ifMatch: call.ifMatch, at: context.now, until: context.deadline)
      if changed { signal.raise() }
      return Reply(course, entityTag: EntityTag(version: course.version))
    }
    api.on(
      APIOperation(
        .delete, "/api/courses/{id}/", id: "deleteCourse", "Delete a course with its enrolments", tag: Self.tag,
        access: .person, path: CoursePath.self, success: .empty(.noContent, "It is gone."), failures: Self.changing,
        ifMatch: .optional)
    ) { call, context in
      try await courses.delete(
        call.path.id, for: CourseAccess(context.caller), ifMatch: call.ifMatch, at: context.now,
        until: context.deadline)
      signal.raise()
      return Reply()
    }
  }

  /// Whether somebody may be made a course's teacher.
  private func check(
    _ teacher: Int64, of course: Int64, _ access: CourseAccess, _ context: CallContext
  ) async throws {
    let course = try await courses.course(course, toChange: access, until: context.deadline)
    guard course.teacherID != teacher else { return }
    guard context.caller.isManager else { throw Self.notAManager.failure() }
    guard try await people.people([teacher], for: context)[teacher] != nil else { throw Self.teacherUnknown.failure() }
  }

  private func addPublishing(_ isPublished: Bool, to api: inout API<CallContext>) {
    let verb = isPublished ? "publish" : "unpublish"
    api.on(
      APIOperation(
        .post, "/api/courses/{id}/\(verb)/", id: "\(verb)Course",
        isPublished ? "Let everybody see a course and enrol" : "Keep a course to those who are in it", tag: Self.tag,
        access: .person, path: CoursePath.self, success: Self.withTag, failures: Self.changing, ifMatch: .optional)
    ) { call, context in
      let (course, changed) = try await courses.publish(
        call.path.id, isPublished, for: CourseAccess(context.caller), ifMatch: call.ifMatch, at: context.now,
        until: context.deadline)
      if changed { signal.raise() }
      return Reply(course, entityTag: EntityTag(version: course.version))
    }
  }
}
