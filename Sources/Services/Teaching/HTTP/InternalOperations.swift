import CivilTime
import HTTPService
import ServiceContract
import ServiceStore

/// What the platform's other services ask. Never through the gateway.
struct InternalOperations: Sendable {
  let exports: ExportStore

  func add(to api: inout API<CallContext>) {
    api.on(
      APIOperation(
        .post, "/api/internal/export", id: "exportPerson", "All that is kept here of a person", tag: "services",
        access: .service, body: .json(ExportQuestion.self),
        success: .json(as: PersonalExport.representation, "His courses and enrolments."),
        failures: StoreFailures.declarations)
    ) { call, context in Reply(try await exports.export(of: call.body.person, until: context.deadline)) }
  }

  private struct ExportQuestion: RequestObject {
    struct Fields: FieldSet {
      let person = Field("user_id", .id)
    }

    let person: Int64

    init(_ given: Given<Fields>) { person = given.person }
  }
}

extension PersonalExport {
  fileprivate static let representation = Representation<PersonalExport>.object(
    "PersonalExport",
    [
      .init("courses", .array(Course.representation), "Those that he teaches.") { $0.courses },
      .init("enrollments", .array(enrollment), "Those that are over, too.") { $0.enrollments },
    ])

  private static let enrollment = Representation<ExportedEnrollment>.object(
    "ExportedEnrollment",
    [
      .init("id", .id) { $0.enrollment.id },
      .init("course_id", .id) { $0.enrollment.courseID },
      .init("course_title", .text) { $0.enrollment.courseTitle },
      .init("enrolled_at", .moment) { $0.enrollment.enrolledAt },
      .init("unenrolled_at", .nullable(.moment)) { $0.enrollment.unenrolledAt },
      .init("completed_at", .nullable(.moment)) { $0.enrollment.completedAt },
      .init("completed_decks", .array(completion)) { $0.completions },
    ])

  private static let completion = Representation<DeckCompletion>.object(
    "CompletedDeck",
    [
      .init("deck_id", .id) { $0.deckID },
      .init("completed_at", .moment) { $0.completedAt },
      .init("by_hand", .flag, "He said so himself.") { $0.isByHand },
    ])
}
