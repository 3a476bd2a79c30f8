import HTTPService
import Hummingbird
import ServiceContract

extension UsersService {
  mutating func addExport() {
    on(
      APIOperation(
        .get, "/api/users/me/export", id: "exportMe", "All that the platform keeps of oneself, as one document",
        tag: Self.tag, access: .person,
        success: .response(
          ["application/json"], "At most \(2 * (ExportSource.limitBytes >> 20)) MiB.", schema: PersonalExport.schema),
        failures: [
          UsersFailures.notFound, ExportSource.tooLarge, ExportSource.incomplete, PersonalExport.underWay,
          PersonalExport.busy,
        ])
    ) { [store, export] _, context in
      let account = try await store.account(
        try context.caller.person(), for: context.caller, until: context.deadline)
      let document = try await export.document(of: account, for: context)
      return Reply(
        Response(
          status: .ok,
          headers: [
            .contentType: "application/json; charset=utf-8",
            .contentDisposition: "attachment; filename=\"kartoteka-\(account.id).json\"",
          ], body: .init(byteBuffer: document)))
    }
  }
}
