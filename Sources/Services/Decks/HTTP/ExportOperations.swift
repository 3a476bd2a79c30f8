import HTTPService
import Hummingbird
import ServiceContract

/// `POST /api/internal/export`: for the users service, which puts a person's whole export together.
struct ExportOperations: Sendable {
  let export: PersonalExport

  func add(to api: inout API<CallContext>) {
    api.on(
      APIOperation(
        .post, "/api/internal/export", id: "exportPerson", "What is kept of somebody, for himself", tag: "internal",
        access: .service, body: .json(ExportRequest.self),
        success: .response(
          ["application/json"], "At most \(PersonalExport.limitBytes >> 20) MiB.", schema: PersonalExport.schema),
        failures: [PersonalExport.tooLarge])
    ) { call, context in
      let document = try await export.document(of: call.body.person, until: context.deadline)
      return Reply(
        Response(
          status: .ok, headers: [.contentType: "application/json; charset=utf-8"], body: .init(byteBuffer: document)))
    }
  }
}

struct ExportRequest: RequestObject {
  struct Fields: FieldSet {
    let person = Field("user_id", .id)
  }

  let person: Int64

  init(_ given: Given<Fields>) { person = given.person }
}
