import Foundation
import HTTPService
import Logging
import Migrations
import Postgres
import RealServers
import ServiceContract
import ServiceStore
import Settings
import Synchronization
import Telemetry
import Users

/// The real users service on a port of its own, over a database of one test's.
final class RealUsers: Sendable {
  /// Ends sessions as the users service does in its own process: by a request to auth.
  private final class Revoker: SessionRevoker {
    let auth = Mutex<AuthBench?>(nil)

    func revokeSessions(of person: Int64, for context: CallContext) async throws {
      guard let auth = auth.withLock({ $0 }) else { throw Failure("auth is away") }
      let answer = try await auth.direct(
        "POST", "/api/internal/revoke", #"{"user_id":\#(person)}"#,
        headers: ["X-Service-Auth": AuthBench.serviceSecret, "X-Service-Name": "users"])
      guard answer.status == 204 else { throw Failure("auth answers \(answer.status)") }
    }
  }

  let url: String
  private let revoker = Revoker()
  private let store: UserStore
  private let hasher = PasswordHasher()
  private let serving: Task<Void, any Error>

  /// - Parameter database: an empty one.
  init(_ database: PostgresConfiguration) async throws {
    let folder = Kartoteka.root.appending(path: "postgres/users").path
    _ = try PostgresMigrationRunner(try Migration.load(folder: folder, dialect: .postgres), database).up()
    store = UserStore(pool: PostgresPool(database, connections: 4), outbox: OutboxWriter(), signal: OutboxSignal())
    let secrets = try TrustSecrets(Settings(environment: [:]))
    let nobody = ServiceClient("http://127.0.0.1:1", as: "users", secrets)
    let service = UsersService(
      store: store, hasher: hasher, policy: PasswordPolicy(blocklist: PasswordBlocklist()), sessions: revoker,
      export: PersonalExport(decks: nobody, teaching: nobody), metrics: MetricsRegistry())
    let (ports, port) = AsyncStream.makeStream(of: Int.self)
    serving = Task {
      let role = HTTPRole(
        host: "127.0.0.1", port: 0, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
        onRunning: { port.yield($0) })
      try await role.serve(
        service.router(
          secrets: secrets, deadline: RequestDeadline(longest: .seconds(30)),
          clock: RequestClock(secrets, isLocal: true), checks: []), stopsOnSignals: false)
    }
    var iterator = ports.makeAsyncIterator()
    guard let bound = await iterator.next() else { throw Failure("the users service does not start") }
    url = "http://127.0.0.1:\(bound)"
  }

  func know(_ auth: AuthBench?) { revoker.auth.withLock { $0 = auth } }

  func stop() async {
    know(nil)
    serving.cancel()
    _ = await serving.result
    await store.close()
    hasher.close()
  }
}
