import HTTPService
import HTTPServiceTesting
import Hummingbird
import JSON
import ServiceContract
import Settings
import Telemetry

/// A service whose only operation asks another one.
struct CallingService {
  let client: ServiceClient
  private let router: RouterClient<CallContext>

  init(_ url: String, connections: Int = 8, queue: Int = 256) throws {
    let secrets = try TrustSecrets(Settings(environment: [:]))
    let client = ServiceClient(url, as: "callers", secrets, connections: connections, queue: queue)
    self.client = client
    var api = API(service: "Callers", version: "1", notes: "An example.")
    api.on(
      APIOperation(
        .post, "/api/ask", id: "ask", "Ask another", tag: "calls", access: .anyone,
        body: .optionalJSON(.array(of: .integer(0...9), count: 1...4)),
        success: .json(as: .text, "What it said."),
        failures: [
          ServiceCallError.unavailable, ServiceCallError.overloaded, ServiceCallError.malformedAnswer,
          FailureDeclaration(.conflict, "EMAIL_TAKEN", "Of the other service."),
        ])
    ) { call, context in
      let body = call.body.map { Array("\($0)".utf8) }
      let answer = try await client.send(
        body == nil ? .get : .patch, "/api/users/id/7?x=1", body: body, context: context)
      guard answer.isSuccess else { throw try answer.refusal() }
      return Reply("\(answer.status) \(try answer.json().text)")
    }
    router = RouterClient(
      ServiceRouter(
        api, service: "callers", secrets: secrets, deadline: RequestDeadline(longest: .seconds(60)),
        clock: RequestClock(secrets, isLocal: true), checks: [],
        metrics: MetricsRegistry(), translate: { ($0 as? ServiceCallError)?.failure }
      ).router(), of: api)
  }

  func ask(_ body: String? = nil, headers: [String: String] = [:]) async throws -> RouterAnswer {
    try await router.send("POST", "/api/ask", body, headers: headers)
  }
}
