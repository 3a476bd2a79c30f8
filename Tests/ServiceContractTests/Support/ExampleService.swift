import CivilTime
import HTTPService
import HTTPServiceTesting
import Hummingbird
import JSON
import ServiceContract
import Settings
import Telemetry

/// A service that uses all of the contract.
struct ExampleService {
  static let gatewaySecret = "local-gateway-secret"
  static let serviceSecret = "local-service-secret"

  let store = NoteStore()
  let api: API<CallContext>
  let client: RouterClient<CallContext>

  init(now: Int64 = 1_793_491_200_000, isLocal: Bool = true) throws {
    var api = API(service: "Notes", version: "1", notes: "An example.")
    Self.add(to: &api, store)
    Self.addOdd(to: &api)
    self.api = api
    let secrets = try TrustSecrets(Settings(environment: [:]))
    let router = ServiceRouter(
      api, service: "notes", secrets: secrets, deadline: RequestDeadline(longest: .seconds(10), wallClock: { now }),
      clock: RequestClock(secrets, isLocal: isLocal, wallClock: { now }),
      checks: [HealthCheck("store") { .ready }], metrics: MetricsRegistry(), translate: Self.failure)
    client = RouterClient(router.router(), of: api)
  }

  static let notFound = FailureDeclaration(.notFound, "NOTE_NOT_FOUND", "There is no such note.")

  private static func failure(_ error: any Error) -> RequestFailure? {
    if case NoteProblem.notFound = error { notFound.failure() } else { nil }
  }

  /// Headers of the gateway for somebody.
  static func headers(_ id: Int64, isManager: Bool = false) -> [String: String] {
    ["X-Gateway-Auth": gatewaySecret, "X-User-Id": "\(id)", "X-User-Ismanager": isManager ? "1" : "0"]
  }

  private static func add(to api: inout API<CallContext>, _ store: NoteStore) {
    let one = SuccessDeclaration.json(as: Note.representation, "The note.", isConditional: true)
    api.on(
      APIOperation(
        .get, "/api/notes/", id: "listNotes", "Notes, newest first", tag: "notes", access: .anyone,
        query: NoteQuery.self,
        success: .json(as: .array(Note.representation), "A page of them.", headers: [PageRequest.header]),
        failures: [PageRequest.invalidCursor])
    ) { call, context in
      let page = try PageRequest(
        cursor: call.query.cursor, limit: call.query.limit, of: "notes",
        filteredBy: [call.query.owner.map { "\($0)" } ?? "", call.query.rating.map { "\($0)" } ?? ""])
      let notes = store.list(call.query, after: page.after, count: page.fetchCount, for: context.caller)
      return page.page(of: notes) { PagePlace(position: Int64($0.created.milliseconds), id: $0.id) }.reply
    }
    api.on(
      APIOperation(
        .post, "/api/notes/", id: "addNote", "Add one", tag: "notes", access: .person, body: .json(NewNote.self),
        success: .json(
          .created, .ok, as: Note.representation, "As it is now.",
          links: [LinkDeclaration(to: "getNote", [("id", "$response.body#/id")])]))
    ) { call, context in
      let note = store.add(call.body, by: try context.caller.person())
      return Reply(note, status: call.body.title == "again" ? .ok : nil, headers: [.location: "/api/notes/\(note.id)/"])
    }
    api.on(
      APIOperation(
        .get, "/api/notes/{id}/", id: "getNote", "One of them", tag: "notes", access: .anyone, path: NotePath.self,
        success: one, failures: [notFound])
    ) { call, context in
      let note = try store.note(call.path.id, for: context.caller)
      return Reply(note, entityTag: EntityTag(version: note.version))
    }
    for demand in [IfMatch.Demand.optional, .required] {
      let method: HTTPRequest.Method = demand == .optional ? .patch : .put
      api.on(
        APIOperation(
          method, "/api/notes/{id}/", id: "\(method)Note", "Change one", tag: "notes", access: .person,
          path: NotePath.self, body: .json(NoteChange.self), success: one, failures: [notFound], ifMatch: demand)
      ) { call, context in
        var note = try store.note(call.path.id, for: context.caller)
        try call.ifMatch?.check(EntityTag(version: note.version))
        if let title = call.body.title { note.title = title }
        switch call.body.text {
        case .unchanged: break
        case .cleared: note.text = nil
        case .set(let text): note.text = text
        }
        note = store.change(note)
        return Reply(note, entityTag: EntityTag(version: note.version))
      }
    }
  }

  private static func addOdd(to api: inout API<CallContext>) {
    api.on(
      APIOperation(
        .delete, "/api/notes/", id: "deleteAll", "Forget all", tag: "odd", access: .manager,
        success: .empty(.noContent, "They are gone."))
    ) { _, _ in Reply() }
    api.on(
      APIOperation(
        .post, "/api/verify", id: "verify", "For services", tag: "odd", access: .service,
        success: .json(as: .text, "Who asked."))
    ) { _, context in Reply(context.caller.name) }
    api.on(
      APIOperation(
        .get, "/api/whoami", id: "whoami", "Who asks", tag: "odd", access: .anyone,
        success: .json(as: .array(.text), "The caller and the trace."))
    ) { _, context in Reply([context.caller.name, context.traceParent?.text ?? "none"]) }
    api.on(
      APIOperation(
        .get, "/api/when", id: "when", "When it is", tag: "odd", access: .anyone,
        success: .json(as: .integer, "Milliseconds."))
    ) { _, context in Reply(Int(context.now)) }
    api.on(
      APIOperation(
        .post, "/api/logout", id: "logout", "Needs no body", tag: "odd", access: .person,
        body: .optionalJSON(.object(Logout.self)), success: .json(as: .flag, "Whether it was from everywhere."))
    ) { call, _ in Reply(call.body?.all ?? false) }
    api.on(
      APIOperation(
        .put, "/api/order", id: "order", "An array for a body", tag: "odd", access: .anyone,
        body: .json(.array(of: .integer(0...9), count: 1...4), limitBytes: 200),
        success: .json(as: .array(.integer), "Sorted."))
    ) { call, _ in Reply(call.body.sorted()) }
    api.on(
      APIOperation(
        .put, "/api/contact", id: "contact", "Members that depend on each other", tag: "odd", access: .anyone,
        body: .json(Contact.self), success: .json(as: .text, "The address."))
    ) { call, _ in Reply(call.body.mail ?? "") }
    api.on(
      APIOperation(
        .post, "/api/import", id: "import", "A file", tag: "odd", access: .anyone,
        body: .bytes(["text/csv"], limitBytes: 100), success: .response(["text/csv"], "The same file."))
    ) { call, _ in
      Reply(Response(status: .ok, headers: [.contentType: "text/csv"], body: .init(byteBuffer: call.body)))
    }
    api.on(
      APIOperation(
        .get, "/api/broken", id: "broken", "Fails", tag: "odd", access: .anyone, success: .empty(.noContent, "Never."))
    ) { _, _ in throw NoteProblem.unforeseen }
    // Says one thing and does another: the client of the tests must see it.
    let lying = Representation<Int>(.object(ObjectSchema("Lie", [Property("id", .integer(1...9))]))) { value, output in
      output.object { $0.member("idd", value) }
    }
    api.on(
      APIOperation(
        .get, "/api/lie", id: "lie", "Answers what it does not declare", tag: "odd", access: .anyone,
        success: .json(as: lying, "Not this."))
    ) { _, _ in Reply(1) }
    api.on(
      APIOperation(
        .get, "/api/undeclared", id: "undeclared", "Fails as it does not declare", tag: "odd", access: .anyone,
        success: .empty(.noContent, "Never."))
    ) { _, _ in throw RequestFailure(.conflict, code: "SURPRISE", message: "Not declared.") }
  }
}
