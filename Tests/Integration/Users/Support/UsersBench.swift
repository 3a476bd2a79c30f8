import Foundation
import HTTPServiceTesting
import JSON
import Logging
import Migrations
import Postgres
import RealServers
import ServiceContract
import ServiceStore
import Settings
import Synchronization
import Telemetry
import Testing
import Users

/// The service on a migrated database of one test's own, asked without a port; its clock stands until it is set.
final class UsersBench: Sendable {
  static let start: Int64 = 1_793_491_200_000
  static let password = "correct horse battery"

  let configuration: PostgresConfiguration
  let store: UserStore
  let sessions = RecordedSessions()
  let metrics = MetricsRegistry()
  private let service: UsersService
  private let client: RouterClient<CallContext>
  private let hasher = PasswordHasher()
  let clock: Clock

  /// - Parameters:
  ///   - configuration: of a database that is migrated.
  ///   - decks: where the services are that an export is put together from; nowhere if nobody says.
  init(
    _ configuration: PostgresConfiguration, deadline: Duration = .seconds(20), decks: String = "http://127.0.0.1:1",
    teaching: String = "http://127.0.0.1:1"
  ) throws {
    self.configuration = configuration
    let pool = PostgresPool(configuration, connections: 8)
    store = UserStore(pool: pool, outbox: OutboxWriter(), signal: OutboxSignal())
    let clock = Clock()
    let secrets = try TrustSecrets(Settings(environment: [:]))
    service = UsersService(
      store: store, hasher: hasher, policy: PasswordPolicy(blocklist: PasswordBlocklist()), sessions: sessions,
      export: PersonalExport(
        decks: ServiceClient(decks, as: "users", secrets), teaching: ServiceClient(teaching, as: "users", secrets)),
      metrics: metrics, wallClock: { clock.now })
    let router = service.router(
      secrets: secrets, deadline: RequestDeadline(longest: deadline),
      clock: RequestClock(secrets, isLocal: true, wallClock: { clock.now }),
      checks: [DatabaseCheck.check(pool)])
    client = RouterClient(router, of: service.api)
    self.clock = clock
  }

  deinit { hasher.close() }

  /// Milliseconds since 1970, set by the test.
  final class Clock: Sendable {
    private let time = Mutex(UsersBench.start)
    var now: Int64 { time.withLock { $0 } }
    func advance(_ duration: Duration) { time.withLock { $0 += Int64(duration / .milliseconds(1)) } }
  }

  /// Applies the repository's files.
  static func migrate(_ configuration: PostgresConfiguration) throws {
    let folder = Kartoteka.root.appending(path: "postgres/users").path
    _ = try PostgresMigrationRunner(try Migration.load(folder: folder, dialect: .postgres), configuration).up()
  }

  /// For as long as `body` runs.
  static func run(
    decks: String = "http://127.0.0.1:1", teaching: String = "http://127.0.0.1:1",
    _ body: (UsersBench, PostgresConnection) async throws -> Void
  ) async throws {
    let database = try PostgresDatabase()
    try migrate(database.configuration)
    let bench = try UsersBench(database.configuration, decks: decks, teaching: teaching)
    try await body(bench, database.admin)
    await bench.store.close()
  }

  func sweeper(grace: Duration) -> ErasureSweeper {
    ErasureSweeper(
      store: store, grace: grace, every: .milliseconds(20), metrics: metrics, log: Logger(label: "test"),
      wallClock: { [clock] in clock.now })
  }
}

/// Who asks.
enum Asking {
  case nobody, service
  case learner(Int64)
  case manager(Int64)

  var headers: [String: String] {
    switch self {
    case .nobody: ["X-Gateway-Auth": "local-gateway-secret"]
    case .service: ["X-Service-Auth": "local-service-secret", "X-Service-Name": "auth"]
    case .learner(let id):
      ["X-Gateway-Auth": "local-gateway-secret", "X-User-Id": "\(id)", "X-User-Ismanager": "0"]
    case .manager(let id):
      ["X-Gateway-Auth": "local-gateway-secret", "X-User-Id": "\(id)", "X-User-Ismanager": "1"]
    }
  }
}

extension UsersBench {
  func ask(
    _ method: String, _ path: String, _ body: String? = nil, as caller: Asking, headers: [String: String] = [:]
  ) async throws -> RouterAnswer {
    try await client.send(method, path, body, headers: caller.headers.merging(headers) { $1 })
  }

  func register(
    _ email: String, name: String = "Anna", surname: String = "Petrova", password: String = password
  ) async throws -> RouterAnswer {
    try await ask(
      "POST", "/api/users/",
      #"{"name": "\#(name)", "surname": "\#(surname)", "email": "\#(email)", "password": "\#(password)"}"#,
      as: .service)
  }

  /// The id of somebody new.
  func person(_ email: String, isManager: Bool = false) async throws -> Int64 {
    let answer = try await register(email)
    let id = try #require(answer.id, "\(answer.text)")
    if isManager {
      #expect(
        try await ask("PATCH", "/api/users/\(id)", #"{"is_manager": true}"#, as: .manager(id)).status == 200)
    }
    return id
  }

  func verify(
    _ email: String, _ password: String = password, timezone: String? = nil, headers: [String: String] = [:]
  ) async throws -> RouterAnswer {
    let zone = timezone.map { #", "timezone": "\#($0)""# } ?? ""
    return try await ask(
      "POST", "/api/verify_user", #"{"email": "\#(email)", "password": "\#(password)"\#(zone)}"#, as: .service,
      headers: headers)
  }
}

extension RouterAnswer {
  var id: Int64? {
    if case .number(let digits)? = json?["id"] { Int64(digits) } else { nil }
  }

  func string(_ name: String) -> String? { json?[name]?.string }
}

/// An event that waits in the outbox.
struct WaitingEvent: Equatable, CustomStringConvertible {
  let type: String
  let producer: String
  let key: String
  let payload: JSONValue

  var description: String { "\(type) of \(producer) for \(key): \(payload)" }

  static func all(_ admin: PostgresConnection) throws -> [WaitingEvent] {
    try admin.sql("SELECT topic, key, value FROM outbox ORDER BY id").map { row in
      let json = try JSONParser.parse(Array(try row.value(2, as: String.self).utf8))
      #expect(try row.value(0, as: String.self) == "user.events")
      return WaitingEvent(
        type: json["event_type"]?.string ?? "", producer: json["producer"]?.string ?? "", key: try row.value(1),
        payload: json["payload"] ?? .null)
    }
  }
}
