import Decks
import Foundation
import HTTPServiceTesting
import HTTPTypes
import JSON
import Logging
import Migrations
import ObjectStore
import Postgres
import RealServers
import ServiceContract
import ServiceStore
import Settings
import Telemetry
import Testing

/// The decks service on a migrated database and a bucket of a test's own, asked without a port.
final class ContentBench: Sendable {
  static let now: Int64 = 1_793_491_200_000
  static let png: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A] + (0..<64).map { UInt8($0) }

  let database: PostgresConfiguration
  let store: ObjectStore
  let service: DecksService
  let metrics = MetricsRegistry()
  private let keeper: Keeper
  private let pool: PostgresPool
  private let client: RouterClient<CallContext>
  private let clock: RequestClock

  /// Holds the database until the test is over; used by nobody else.
  private final class Keeper: @unchecked Sendable {
    let database: PostgresDatabase
    init(_ database: PostgresDatabase) { self.database = database }
  }

  /// - Parameters:
  ///   - server: of Postgres, the one of the environment if nil.
  ///   - images: where S3 is, the one of the environment if nil.
  init(_ server: PostgresConfiguration? = nil, images: ObjectStoreConfiguration? = nil) async throws {
    let made = try PostgresDatabase(server)
    let folder = Kartoteka.root.appending(path: "postgres/decks").path
    _ = try PostgresMigrationRunner(
      Migration.load(folder: folder, dialect: .postgres), made.configuration
    ).up()
    keeper = Keeper(made)
    database = made.configuration
    pool = PostgresPool(database, connections: 4)
    store = try ObjectStore(
      images ?? ObjectStoreServer.configuration(), bucket: "test-\(UUID().uuidString.prefix(12).lowercased())")
    service = DecksService(
      .init(
        database: pool, images: store, signal: OutboxSignal(), metrics: metrics,
        log: Logger(label: "decks") { _ in SwiftLogNoOpLogHandler() }))
    let secrets = try TrustSecrets(Settings(environment: [:]))
    clock = RequestClock(secrets, isLocal: true)
    client = RouterClient(
      service.router(secrets: secrets, deadline: RequestDeadline(longest: .seconds(10)), clock: clock, checks: []),
      of: service.api)
    try await store.createIfMissing()
  }

  func ask(
    _ method: String, _ path: String, _ body: String? = nil, by person: Int64? = 1, isManager: Bool = false,
    at time: Int64 = now, headers: [String: String] = [:]
  ) async throws -> RouterAnswer {
    try await client.send(method, path, body, headers: all(headers, person, isManager, time))
  }

  func ask(
    _ method: String, _ path: String, file: [UInt8], type: String = "text/csv", headers: [String: String] = [:]
  ) async throws -> RouterAnswer {
    try await client.send(
      method, path, bytes: file, headers: all(headers, 1, false, Self.now).merging(["Content-Type": type]) { $1 })
  }

  /// As another service of the platform.
  func ask(asService method: String, _ path: String, _ body: String) async throws -> RouterAnswer {
    try await client.send(
      method, path, body, headers: ["X-Service-Auth": "local-service-secret", "X-Service-Name": "teaching"])
  }

  private func all(
    _ headers: [String: String], _ person: Int64?, _ isManager: Bool, _ time: Int64
  ) -> [String: String] {
    var all = ["X-Gateway-Auth": "local-gateway-secret", "X-Simulated-Time": clock.header(time)]
    if let person {
      all["X-User-Id"] = "\(person)"
      all["X-User-Ismanager"] = isManager ? "1" : "0"
    }
    return all.merging(headers) { $1 }
  }

  /// A new deck's id.
  func deck(_ members: String = "", by person: Int64 = 1, at time: Int64 = now) async throws -> Int {
    let more = members.isEmpty ? "" : ", \(members)"
    let answer = try await ask("POST", "/api/decks/", "{\"title\": \"T\"\(more)}", by: person, at: time)
    #expect(answer.status == 201, "\(answer.text)")
    return try #require(answer["id"].int)
  }

  /// A new card's id.
  func card(in deck: Int, _ front: String = "f", _ more: String = "") async throws -> Int {
    let answer = try await ask(
      "POST", "/api/deck/\(deck)/cards", "{\"front_text\": \"\(front)\", \"back_text\": \"b\"\(more)}")
    #expect(answer.status == 201, "\(answer.text)")
    return try #require(answer["id"].int)
  }

  /// The key of an upload that has arrived.
  func upload(
    _ bytes: [UInt8] = png, type: String = "image/png", name: String = "a.png", by person: Int64 = 1
  ) async throws -> String {
    let answer = try await ask(
      "POST", "/api/deck/uploads/presign",
      "{\"filename\": \"\(name)\", \"content_type\": \"\(type)\", \"size\": \(bytes.count)}", by: person)
    #expect(answer.status == 200, "\(answer.text)")
    var headers: [String: String] = [:]
    for member in answer.json?["headers"]?.members ?? [] { headers[member.name] = member.value.string }
    let sent = try await PlainRequest.send("PUT", answer["put_url"].string ?? "", headers: headers, body: bytes)
    #expect(sent.status == 200)
    return try #require(answer["object_key"].string)
  }

  /// What an events' consumer would see: `type key`, with the title where there is one.
  func events() async throws -> [String] {
    let rows = try await sql("SELECT key, value FROM outbox ORDER BY id")
    return try rows.map { row in
      let json = try JSONParser.parse(Array(try row.value(1, as: String.self).utf8))
      let title = json["payload"]?["title"]?.string.map { " “\($0)”" } ?? ""
      return "\(json["event_type"]?.string ?? "?") \(try row.value(0, as: String.self))\(title)"
    }
  }

  /// The events since the last call.
  func takeEvents() async throws -> [String] {
    let events = try await events()
    try await sql("DELETE FROM outbox")
    return events
  }

  @discardableResult
  func sql(_ text: String) async throws -> PostgresRows {
    try await pool.run(PostgresStatement(unprepared: text)(), until: .now + .seconds(10))
  }

  func number(_ text: String) async throws -> Int { try await sql(text)[0].value(0) }

  /// The keys in the bucket.
  func objects(_ prefix: String = "") async throws -> [String] { try await store.keys(prefix) }
}

extension RouterAnswer {
  /// A member of the answer's object.
  subscript(_ name: String) -> JSONValue { json?[name] ?? .null }

  func ids(of list: String? = nil) -> [Int] {
    let values = list.map { self[$0].elements ?? [] } ?? json?.elements ?? []
    return values.compactMap { $0["id"]?.int }
  }
}

extension JSONValue {
  var int: Int? {
    guard case .number(let digits) = self else { return nil }
    return Int(digits)
  }

  var strings: [String] { (elements ?? []).compactMap(\.string) }
}
