import Blocking
import Foundation
import HTTPService
import Postgres
import RealServers
import ServiceStore
import Testing

@Suite struct IdempotencyStoreTests {
  private static let key = IdempotencyKey("one")!
  private let store: StoreDatabase
  private let keys = IdempotencyStore()

  init() throws {
    store = try StoreDatabase()
    try store.admin.sql("CREATE TABLE done (what text)")
  }

  /// What a service does with a request: the first is done, and says which it is.
  @discardableResult
  private func ask(
    _ connection: PostgresConnection? = nil, person: Int64 = 1, operation: String = "copy 1", key: IdempotencyKey = key,
    body: String = "{}", pause: Duration = .zero, failing: Bool = false
  ) throws -> KeptReply {
    try (connection ?? store.admin).transaction(until: .now + .seconds(10)) { transaction in
      if let kept = try keys.claim(key, of: person, for: operation, body: Array(body.utf8), in: transaction) {
        return kept
      }
      BlockingThread.sleep(pause)
      let row = try transaction.run(
        PostgresStatement(unprepared: "INSERT INTO done VALUES ('x') RETURNING (SELECT count(*) FROM done)")())
      if failing { throw Failure("no") }
      let reply = KeptReply(status: 201, body: "{\"number\": \(try row[0].value(0, as: Int.self)), \"é\": \"\\u0000\"}")
      transaction.runWithCommit([keys.keep(reply, as: key, of: person, for: operation)])
      return reply
    }
  }

  private func done() throws -> Int { try store.admin.number("SELECT count(*) FROM done") }

  @Test func aRepeatGetsTheFirstReply() throws {
    let first = try ask()
    #expect(try ask() == first && done() == 1)
    // Another person, operation or key is another request.
    try ask(person: 2)
    try ask(operation: "copy 2")
    try ask(key: IdempotencyKey("two")!)
    #expect(try done() == 4)
  }

  @Test func anotherBodyIsRefused() throws {
    try ask()
    let failure = #expect(throws: RequestFailure.self) { try ask(body: "{ }") }
    #expect(failure?.status == .conflict && failure?.code == "IDEMPOTENCY_KEY_REUSED")
    #expect(try done() == 1)
  }

  @Test func whatFailedMayBeTriedAgain() throws {
    #expect(throws: Failure.self) { try ask(failing: true) }
    #expect(try done() == 0)
    try ask(body: "{\"other\": 1}")
    #expect(try done() == 1)
  }

  @Test func keptForADay() throws {
    let first = try ask()
    try store.admin.sql("UPDATE idempotency_keys SET created_at = created_at - interval '23 hours 59 minutes'")
    #expect(try ask() == first)
    try store.admin.sql("UPDATE idempotency_keys SET created_at = created_at - interval '1 minute'")
    #expect(try ask(body: "another").body != first.body)
    #expect(try done() == 2)
    #expect(throws: RequestFailure.self) { try ask() }
  }

  /// At once: one is done, the others wait for it and get its reply.
  @Test func twinsAreDoneOnce() async throws {
    let (configuration, keys) = (store.configuration, keys)
    let replies = try await withThrowingTaskGroup(of: KeptReply.self) { group in
      for _ in 0..<4 {
        group.addTask {
          try await BlockingThread.run("twin") { try Self.twin(PostgresConnection(configuration), keys) }
        }
      }
      return try await group.reduce(into: Set<String>()) { $0.insert($1.body) }
    }
    #expect(replies.count == 1)
    #expect(try done() == 1)
  }

  private static func twin(_ connection: PostgresConnection, _ keys: IdempotencyStore) throws -> KeptReply {
    try connection.transaction(until: .now + .seconds(10)) { transaction in
      if let kept = try keys.claim(key, of: 1, for: "copy 1", body: [], in: transaction) { return kept }
      BlockingThread.sleep(.milliseconds(200))
      try transaction.run(PostgresStatement(unprepared: "INSERT INTO done VALUES ('x')")())
      let reply = KeptReply(status: 201, body: UUID().uuidString)
      transaction.runWithCommit([keys.keep(reply, as: key, of: 1, for: "copy 1")])
      return reply
    }
  }
}
