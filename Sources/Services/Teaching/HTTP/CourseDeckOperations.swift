import HTTPService
import ServiceContract
import ServiceStore

/// `/api/courses/{id}/decks/`. The tags that changes take and answer are the course's.
struct CourseDeckOperations: Sendable {
  static let unknownDecks = FailureDeclaration(
    .badRequest, "UNKNOWN_DECKS",
    "Nothing was added: details say which decks there are not, or are others' private ones.")

  let courses: CourseStore
  let decks: CourseDeckStore
  let titles: DeckTitles
  let signal: OutboxSignal

  private static let tag = "decks in courses"
  private static let one = SuccessDeclaration<CourseDeckAnswer>.json(
    as: CourseDeckAnswer.representation, "The deck in the course.", isConditional: true)
  private static let reading = StoreFailures.declarations + [CourseAccess.notFound]
  private static let changing = reading + [CourseAccess.notYours]
  private static let adding =
    changing + [
      unknownDecks, CourseDeckStore.full, ServiceCallError.unavailable, ServiceCallError.overloaded,
      ServiceCallError.malformedAnswer,
    ]

  func add(to api: inout API<CallContext>) {
    addReading(to: &api)
    addAdding(to: &api)
    addMoving(to: &api)
    addRemoving(to: &api)
  }

  private func addReading(to api: inout API<CallContext>) {
    api.on(
      APIOperation(
        .get, "/api/courses/{id}/decks/", id: "listCourseDecks", "The decks of a course in their order", tag: Self.tag,
        access: .person, path: CoursePath.self,
        success: .json(as: .array(CourseDeckAnswer.representation), "All of them."), failures: Self.reading)
    ) { call, context in
      let (course, decks) = try await courses.detail(
        call.path.id, for: CourseAccess(context.caller), until: context.deadline)
      return Reply(await titles.answers(decks, of: course.id, context))
    }
    api.on(
      APIOperation(
        .get, "/api/courses/{id}/decks/{rel}/", id: "getCourseDeck", "A deck in a course", tag: Self.tag,
        access: .person, path: PlacePath.self,
        success: .json(as: CourseDeckAnswer.representation, "The deck in the course."),
        failures: Self.reading + [CourseDeckStore.notFound])
    ) { call, context in
      let (course, decks) = try await courses.detail(
        call.path.id, for: CourseAccess(context.caller), until: context.deadline)
      guard let deck = decks.first(where: { $0.id == call.path.place }) else {
        throw CourseDeckStore.notFound.failure()
      }
      return Reply(await titles.answers([deck], of: course.id, context)[0])
    }
  }

  private func addAdding(to api: inout API<CallContext>) {
    api.on(
      APIOperation(
        .post, "/api/courses/{id}/decks/", id: "addCourseDeck", "Add a deck to a course", tag: Self.tag,
        access: .person, path: CoursePath.self, body: .json(NewCourseDeck.self),
        success: .json(.created, as: CourseDeckAnswer.representation, "The deck in the course.", isConditional: true),
        failures: Self.adding + [CourseDeckStore.alreadyThere], ifMatch: .optional)
    ) { call, context in
      let access = CourseAccess(context.caller)
      try await check([call.body.deckID], for: call.path.id, access, context) { _ in "deck_id" }
      return await reply(
        to: try await decks.add(
          call.body.deckID, at: call.body.orderIndex, to: call.path.id, for: access, ifMatch: call.ifMatch,
          at: context.now, until: context.deadline), context)
    }
    api.on(
      APIOperation(
        .post, "/api/courses/{id}/decks/batch/", id: "addCourseDecks",
        "Add decks to a course, behind the others; those that are in it stay", tag: Self.tag, access: .person,
        path: CoursePath.self, body: .json(.array(of: .object(BatchedDeck.self), count: 1...CourseLimits.decks)),
        success: .json(
          .created, as: .array(CourseDeckAnswer.representation), "Those asked for, in that order.",
          isConditional: true),
        failures: Self.adding, ifMatch: .optional)
    ) { call, context in
      let (access, wanted) = (CourseAccess(context.caller), call.body.map(\.deckID))
      try await check(wanted, for: call.path.id, access, context) { "[\($0)].deck_id" }
      return await replies(
        to: try await decks.add(
          wanted, to: call.path.id, for: access, ifMatch: call.ifMatch, at: context.now, until: context.deadline),
        context)
    }
  }

  /// Before the decks service is asked it is seen whether the caller may do this at all.
  private func check(
    _ wanted: [Int64], for course: Int64, _ access: CourseAccess, _ context: CallContext, place: (Int) -> String
  ) async throws {
    _ = try await courses.course(course, toChange: access, until: context.deadline)
    let known = try await titles.directory.current(wanted, for: context)
    let unknown = wanted.indices.filter { known[wanted[$0]]?.isVisible(to: context.caller) != true }
    guard unknown.isEmpty else {
      throw RequestFailure(
        Self.unknownDecks.status, code: Self.unknownDecks.code, message: Self.unknownDecks.meaning,
        details: unknown.prefix(Problems.limit).map { Problem(place($0), "is no deck that you see") })
    }
  }

  private func addMoving(to api: inout API<CallContext>) {
    api.on(
      APIOperation(
        .post, "/api/courses/{id}/decks/reorder/", id: "reorderCourseDecks", "Put decks of a course elsewhere",
        tag: Self.tag, access: .person, path: CoursePath.self,
        body: .json(.array(of: .object(CourseDeckMove.self), count: 1...CourseLimits.decks)),
        success: .json(
          as: .array(CourseDeckAnswer.representation), "All decks of the course, in their order.", isConditional: true),
        failures: Self.changing + [CourseDeckStore.unknownPlaces], ifMatch: .optional)
    ) { call, context in
      await replies(
        to: try await decks.move(
          call.body, in: call.path.id, for: CourseAccess(context.caller), ifMatch: call.ifMatch, at: context.now,
          until: context.deadline), context)
    }
    api.on(
      APIOperation(
        .patch, "/api/courses/{id}/decks/{rel}/", id: "moveCourseDeck", "Put a deck of a course elsewhere",
        tag: Self.tag, access: .person, path: PlacePath.self, body: .json(CourseDeckPlace.self), success: Self.one,
        failures: Self.changing + [CourseDeckStore.notFound], ifMatch: .optional)
    ) { call, context in
      await reply(
        to: try await decks.move(
          call.path.place, to: call.body.orderIndex, in: call.path.id, for: CourseAccess(context.caller),
          ifMatch: call.ifMatch, at: context.now, until: context.deadline), context)
    }
  }

  private func addRemoving(to api: inout API<CallContext>) {
    api.on(
      APIOperation(
        .delete, "/api/courses/{id}/decks/{rel}/", id: "removeCourseDeck", "Take a deck out of a course",
        tag: Self.tag, access: .person, path: PlacePath.self, success: .empty(.noContent, "It is not in it any more."),
        failures: Self.changing + [CourseDeckStore.notFound], ifMatch: .optional)
    ) { call, context in
      _ = try await decks.remove(
        call.path.place, from: call.path.id, for: CourseAccess(context.caller), ifMatch: call.ifMatch, at: context.now,
        until: context.deadline)
      signal.raise()
      return Reply()
    }
  }

  private func reply(to outcome: CourseDeckStore.Outcome, _ context: CallContext) async -> Reply<CourseDeckAnswer> {
    let replies = await replies(to: outcome, context)
    return Reply(replies.value[0], entityTag: replies.entityTag)
  }

  private func replies(to outcome: CourseDeckStore.Outcome, _ context: CallContext) async -> Reply<[CourseDeckAnswer]> {
    if outcome.changed { signal.raise() }
    let answers = await titles.answers(outcome.decks, of: outcome.course.id, context)
    return Reply(answers, entityTag: EntityTag(version: outcome.course.version))
  }
}
