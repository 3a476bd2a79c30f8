import Foundation
import Postgres
import RealServers
import ServiceStore
import Testing

/// The statements of the relay.
@Suite struct OutboxTableTests {
  private let store: StoreDatabase
  private let table: OutboxTable

  init() throws {
    store = try StoreDatabase()
    table = OutboxTable(store.configuration)
    #expect(try table.lead())
  }

  private static func insert(_ value: String) -> PostgresCall {
    PostgresStatement(
      unprepared: "INSERT INTO outbox (event_id, topic, key, value) VALUES (gen_random_uuid(), 't', 'k', $1)")(
        .text(value))
  }

  private func values(_ head: OutboxHead) -> [String] { head.rows.map(\.value) }

  private func read(
    excluding ids: [Int64] = [], topics: [String] = [], limit: Int = 100, bytes: Int = 1 << 20
  ) throws -> OutboxHead {
    try table.read(excluding: ids, topics: topics, limit: limit, bytes: bytes)
  }

  private var soon: ContinuousClock.Instant { .now + .seconds(20) }

  /// One that got its number early and its key's lock late commits after one that began later, while a third is at work.
  /// By numbers alone its row could go first.
  @Test func aRowDoesNotOvertakeAnotherOfItsKey() throws {
    try store.admin.sql("CREATE TABLE keys (key text PRIMARY KEY)", "INSERT INTO keys VALUES ('k')")
    let lock = PostgresStatement(unprepared: "SELECT 1 FROM keys WHERE key = 'k' FOR UPDATE")
    let number = PostgresStatement(unprepared: "SELECT pg_current_xact_id()::text")
    let (early, third, late) = (
      PostgresConnection(store.configuration), PostgresConnection(store.configuration),
      PostgresConnection(store.configuration)
    )
    try third.transaction(until: soon) { between in
      try early.transaction(until: soon) { transaction in
        try transaction.run(number())
        try between.run(number())
        try late.transaction(until: soon) { _ = try $0.run([lock(), Self.insert("first")]) }
        _ = try transaction.run([lock(), Self.insert("second")])
      }
      // Both are committed. What the numbers alone would let pass:
      #expect(
        try store.admin.text(
          "SELECT string_agg(value, ' ') FROM outbox WHERE xid < pg_snapshot_xmin(pg_current_snapshot())") == "second")
      let head = try read()
      #expect(head.rows.isEmpty && head.isBlocked && !head.hasMore)
    }
    let head = try read()
    #expect(values(head) == ["first", "second"] && !head.isBlocked)
  }

  @Test func theHeadIsCutByRowsAndBytesAndWhatIsSent() throws {
    for number in 1...10 { try store.admin.run(Self.insert("value-\(number)"), until: soon) }
    let all = try read()
    #expect(values(all) == (1...10).map { "value-\($0)" } && !all.hasMore && !all.isBlocked)
    let three = try read(limit: 3)
    #expect(values(three) == ["value-1", "value-2", "value-3"] && three.hasMore)
    #expect(try values(read(excluding: three.rows.map(\.id), limit: 2)) == ["value-4", "value-5"])
    try store.admin.sql("UPDATE outbox SET topic = 'other' WHERE value <> 'value-3'")
    #expect(try values(read(topics: ["other", "third"])) == ["value-3"])
    // Up to the first behind which it is too much.
    let bytes = try read(bytes: 15)
    #expect(values(bytes) == ["value-1", "value-2", "value-3"] && bytes.hasMore)
    #expect(try values(read(bytes: 1)) == ["value-1"])
    // What is open now does not stand before what is older.
    let open = PostgresConnection(store.configuration)
    try open.transaction(until: soon) { transaction in
      try transaction.run(Self.insert("open"))
      let head = try read()
      #expect(head.rows.count == 10 && !head.isBlocked)
      try store.admin.run(Self.insert("behind"), until: soon)
      let blocked = try read()
      #expect(blocked.rows.count == 10 && blocked.isBlocked && !blocked.hasMore)
    }
    #expect(try values(read()).suffix(2) == ["open", "behind"])
    try table.delete(all.rows.dropFirst().map(\.id))
    #expect(try values(read()) == ["value-1", "open", "behind"])
  }

  /// The ids of what is sent are looked up by hash, and no row's value is read beyond the head.
  @Test func thePlanOfTheHead() throws {
    try store.admin.sql(
      """
      INSERT INTO outbox (event_id, topic, key, value)
      SELECT gen_random_uuid(), 't', 'k' || n, repeat('x', 300) FROM generate_series(1, 20000) n
      """)
    let sent = try store.admin.sql("SELECT array_agg(id) FROM (SELECT id FROM outbox ORDER BY id LIMIT 3500) s")[0]
      .value(0, as: [Int64].self)
    let start = ContinuousClock.now
    for _ in 0..<20 { #expect(try read(excluding: sent, limit: 500).rows.first?.id == sent.last! + 1) }
    // By comparing each id with each it would take seconds.
    #expect(.now - start < .seconds(2))
  }

  @Test func oneHasTheLockUntilItsSessionEnds() throws {
    let other = OutboxTable(store.configuration)
    #expect(try !other.lead() && !other.lead() && table.lead())
    table.close()
    #expect(try eventually(within: 5) { try other.lead() })
    // The settings by which the server notices that a relay is gone.
    let sessions = PostgresConnection(store.configuration)
    #expect(
      try sessions.number(
        "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
      ) == 1)
  }

  @Test func theBacklogIsMeasured() throws {
    #expect(try table.backlog() == OutboxBacklog(pending: 0, oldestAge: .zero, parked: 0))
    try store.admin.run(Self.insert("a"), until: soon)
    try store.admin.run(Self.insert("b"), until: soon)
    try store.admin.sql("UPDATE outbox SET created_at = created_at - interval '1 minute' WHERE value = 'a'")
    let backlog = try table.backlog()
    #expect(backlog.pending == 2 && backlog.oldestAge > .seconds(59) && backlog.oldestAge < .seconds(70))
    try table.park(try read().rows[0].id, reason: "a reason")
    #expect(try table.backlog().pending == 1 && table.backlog().parked == 1)
    #expect(try store.admin.text("SELECT value || ' ' || reason FROM outbox_parked") == "a a reason")
  }

  @Test func oldRepliesAreSweptOut() throws {
    try store.admin.sql(
      """
      INSERT INTO idempotency_keys (person_id, operation, key, body_hash, created_at)
      SELECT n, 'o', 'k', '', clock_timestamp() - n * interval '1 minute' FROM generate_series(1, 2500) n
      """)
    #expect(try table.sweep())
    #expect(try !table.sweep())
    #expect(try store.admin.number("SELECT count(*) FROM idempotency_keys") == 1439)
  }

  @Test func errorsEndTheSession() throws {
    try store.admin.sql("DROP TABLE outbox_parked")
    #expect(throws: RelayFailure.self) { try table.backlog() }
    #expect(throws: RelayFailure.database(.interrupted(sqlState: nil))) { try table.backlog() }
    #expect(
      throws: RelayFailure.schema("there is no table outbox_parked: apply the service's migrations")
    ) { try table.lead() }
  }
}
