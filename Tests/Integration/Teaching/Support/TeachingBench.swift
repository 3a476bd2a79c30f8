import Foundation
import HTTPServiceTesting
import JSON
import Logging
import Loopback
import Migrations
import Postgres
import RealServers
import ServiceContract
import ServiceStore
import Settings
import Teaching
import Telemetry
import Testing

/// The teaching service on a migrated database of a test's own, asked without a port; decks and users answer what they are told.
final class TeachingBench: Sendable {
  static let now: Int64 = 1_793_491_200_000
  /// Who made decks 11, 12 (private) and 13.
  static let teacher: Int64 = 1
  static let decks = """
    [{"id":11,"owner_id":1,"title":"Verbs","visibility":"public","cards_amount":3,"version":1,"card_ids":null},
    {"id":12,"owner_id":1,"title":"Secrets","visibility":"private","cards_amount":2,"version":1,"card_ids":null},
    {"id":13,"owner_id":9,"title":"Nouns","visibility":"public","cards_amount":0,"version":1,"card_ids":null},
    {"id":14,"owner_id":9,"title":"Diary","visibility":"private","cards_amount":5,"version":1,"card_ids":null}]
    """
  static let people = """
    [{"id":2,"name":"Anna","surname":"Petrova","email":"anna@example.org"},
    {"id":3,"name":"Boris","surname":"Orlov","email":"boris@example.org"},
    {"id":4,"name":"Clara","surname":"Lind","email":"clara@example.org"}]
    """

  let database: PostgresConfiguration
  let decks: ScriptedServer
  let users: ScriptedServer
  let metrics = MetricsRegistry()
  private let keeper: Keeper
  private let pool: PostgresPool
  private let clients: [ServiceClient]
  private let client: RouterClient<CallContext>
  private let clock: RequestClock

  /// Holds the database until the test is over; used by nobody else.
  private final class Keeper: @unchecked Sendable {
    let database: PostgresDatabase
    init(_ database: PostgresDatabase) { self.database = database }
  }

  /// - Parameters:
  ///   - decks, users: what those services do, request by request; nil: they know the same decks and people whatever is asked.
  init(decks: [ScriptedServer.Step]? = nil, users: [ScriptedServer.Step]? = nil) throws {
    let made = try PostgresDatabase()
    let folder = Kartoteka.root.appending(path: "postgres/teaching").path
    _ = try PostgresMigrationRunner(Migration.load(folder: folder, dialect: .postgres), made.configuration).up()
    keeper = Keeper(made)
    database = made.configuration
    pool = PostgresPool(database, connections: 4)
    func always(_ body: String) -> [ScriptedServer.Step] {
      Array(repeating: .answer(ScriptedServer.ok(body)), count: 200)
    }
    self.decks = ScriptedServer(decks ?? always(Self.decks))
    self.users = ScriptedServer(users ?? always(Self.people))
    let secrets = try TrustSecrets(Settings(environment: [:]))
    clients = [self.decks, self.users].map { ServiceClient($0.url, as: "teaching", secrets) }
    let service = TeachingService(
      .init(
        database: pool, decks: clients[0], users: clients[1], signal: OutboxSignal(), metrics: metrics,
        log: Logger(label: "teaching") { _ in SwiftLogNoOpLogHandler() }))
    clock = RequestClock(secrets, isLocal: true)
    client = RouterClient(
      service.router(secrets: secrets, deadline: RequestDeadline(longest: .seconds(10)), clock: clock, checks: []),
      of: service.api)
  }

  deinit {
    for client in clients { client.close() }
    decks.stop()
    users.stop()
  }

  func ask(
    _ method: String, _ path: String, _ body: String? = nil, by person: Int64? = teacher, isManager: Bool = false,
    at time: Int64 = now, headers: [String: String] = [:]
  ) async throws -> RouterAnswer {
    var all = ["X-Gateway-Auth": "local-gateway-secret", "X-Simulated-Time": clock.header(time)]
    if let person {
      all["X-User-Id"] = "\(person)"
      all["X-User-Ismanager"] = isManager ? "1" : "0"
    }
    return try await client.send(method, path, body, headers: all.merging(headers) { $1 })
  }

  /// As another service.
  func askInside(_ path: String, _ body: String) async throws -> RouterAnswer {
    try await client.send(
      "POST", path, body, headers: ["X-Service-Auth": "local-service-secret", "X-Service-Name": "users"])
  }

  /// A new course's id.
  func course(_ title: String = "C", by person: Int64 = teacher, isPublished: Bool = false, at time: Int64 = now)
    async throws -> Int
  {
    let answer = try await ask("POST", "/api/courses/", "{\"title\": \"\(title)\"}", by: person, at: time)
    #expect(answer.status == 201, "\(answer.text)")
    let id = try #require(answer["id"].int)
    if isPublished { #expect(try await ask("POST", "/api/courses/\(id)/publish/", by: person, at: time).status == 200) }
    return id
  }

  /// The place of a deck in a course.
  func place(_ deck: Int, in course: Int) async throws -> Int {
    let answer = try await ask("POST", "/api/courses/\(course)/decks/", "{\"deck_id\": \(deck)}")
    #expect(answer.status == 201, "\(answer.text)")
    return try #require(answer["id"].int)
  }

  func enroll(_ person: Int64, in course: Int, at time: Int64 = now) async throws -> Int {
    let answer = try await ask("POST", "/api/enrollments/", "{\"course\": \(course)}", by: person, at: time)
    #expect(answer.status == 201, "\(answer.text)")
    return try #require(answer["id"].int)
  }

  /// A code that opens a course.
  func code(of course: Int, _ body: String = "{}") async throws -> String {
    let answer = try await ask("POST", "/api/courses/\(course)/join_codes/", body)
    #expect(answer.status == 201, "\(answer.text)")
    return try #require(answer["code"].string)
  }

  /// What an events' consumer would see since the last call: `key type`, then the payload's other members as they are on the wire.
  func takeEvents() async throws -> [String] {
    let rows = try await sql("SELECT key, topic, value FROM outbox ORDER BY id")
    let events = try rows.map { row in
      let json = try JSONParser.parse(Array(try row.value(2, as: String.self).utf8))
      #expect(try row.value(1, as: String.self) == "course.events")
      #expect(json["producer"]?.string == "teaching-service")
      let members = (json["payload"]?.members ?? []).filter { !$0.name.hasSuffix("_at") }
      let told = members.map { "\($0.name)=\($0.value.string ?? $0.value.text)" }.joined(separator: " ")
      return "\(try row.value(0, as: String.self)) \(json["event_type"]?.string ?? "?") \(told)"
    }
    try await sql("DELETE FROM outbox")
    return events
  }

  @discardableResult
  func sql(_ text: String) async throws -> PostgresRows {
    try await pool.run(PostgresStatement(unprepared: text)(), until: .now + .seconds(10))
  }

  func number(_ text: String) async throws -> Int { try await sql(text)[0].value(0) }
}

extension RouterAnswer {
  /// A member of the answer's object.
  subscript(_ name: String) -> JSONValue { json?[name] ?? .null }

  func ids(of list: String? = nil) -> [Int] {
    let values = list.map { self[$0].elements ?? [] } ?? json?.elements ?? []
    return values.compactMap { $0["id"]?.int }
  }

  /// A member of each element of the answer's list.
  func each(_ name: String, of list: String? = nil) -> [JSONValue] {
    (list.map { self[$0].elements ?? [] } ?? json?.elements ?? []).map { $0[name] ?? .null }
  }
}

extension JSONValue {
  var int: Int? {
    guard case .number(let digits) = self else { return nil }
    return Int(digits)
  }
}
