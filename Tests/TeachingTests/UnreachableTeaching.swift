import HTTPServiceTesting
import Logging
import Postgres
import ServiceContract
import ServiceStore
import Settings
import Teaching
import Telemetry

/// The service beside a database where nothing listens: all that happens before it is asked.
struct UnreachableTeaching {
  let client: RouterClient<CallContext>

  init() throws {
    let database = try PostgresConfiguration(url: "postgresql://nobody:none@127.0.0.1:1/teaching")
    let secrets = try TrustSecrets(Settings(environment: [:]))
    let nowhere = ServiceClient("http://127.0.0.1:1", as: "teaching", secrets)
    let service = TeachingService(
      .init(
        database: PostgresPool(database), decks: nowhere, users: nowhere, signal: OutboxSignal(),
        metrics: MetricsRegistry(), log: Logger(label: "teaching") { _ in SwiftLogNoOpLogHandler() }))
    let router = service.router(
      secrets: secrets, deadline: RequestDeadline(longest: .seconds(10)), clock: RequestClock(secrets, isLocal: true),
      checks: [])
    client = RouterClient(router, of: service.api)
  }

  static let gateway = ["X-Gateway-Auth": "local-gateway-secret"]
  static let service = ["X-Service-Auth": "local-service-secret", "X-Service-Name": "users"]

  static func person(_ id: Int, isManager: Bool = false) -> [String: String] {
    gateway.merging(["X-User-Id": "\(id)", "X-User-Ismanager": isManager ? "1" : "0"]) { $1 }
  }
}
