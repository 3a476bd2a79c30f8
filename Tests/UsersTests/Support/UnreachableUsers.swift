import HTTPServiceTesting
import Postgres
import ServiceContract
import ServiceStore
import Settings
import Telemetry
import Users

/// The service beside a database where nothing listens: all that happens before it is asked.
final class UnreachableUsers: Sendable {
  struct NoSessions: SessionRevoker {
    func revokeSessions(of person: Int64, for context: CallContext) async throws {}
  }

  let service: UsersService
  let client: RouterClient<CallContext>
  private let hasher = PasswordHasher()

  init() throws {
    let configuration = try PostgresConfiguration(url: "postgresql://nobody:none@127.0.0.1:1/users")
    let store = UserStore(pool: PostgresPool(configuration), outbox: OutboxWriter(), signal: OutboxSignal())
    let secrets = try TrustSecrets(Settings(environment: [:]))
    let nobody = ServiceClient("http://127.0.0.1:1", as: "users", secrets)
    service = UsersService(
      store: store, hasher: hasher, policy: PasswordPolicy(blocklist: PasswordBlocklist()), sessions: NoSessions(),
      export: PersonalExport(decks: nobody, teaching: nobody), metrics: MetricsRegistry())
    let router = service.router(
      secrets: secrets, deadline: RequestDeadline(longest: .seconds(10)), clock: RequestClock(secrets, isLocal: true),
      checks: [])
    client = RouterClient(router, of: service.api)
  }

  deinit { hasher.close() }

  static let gateway = ["X-Gateway-Auth": "local-gateway-secret"]
  static let auth = ["X-Service-Auth": "local-service-secret", "X-Service-Name": "auth"]

  static func person(_ id: Int, isManager: Bool = false) -> [String: String] {
    gateway.merging(["X-User-Id": "\(id)", "X-User-Ismanager": isManager ? "1" : "0"]) { $1 }
  }
}
