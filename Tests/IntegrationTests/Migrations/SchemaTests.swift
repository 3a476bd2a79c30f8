import ClickHouse
import Collector
import EventSchema
import Testing

/// The migrated database: it agrees with the catalogue, and a repeated INSERT adds nothing anywhere.
@Suite struct SchemaTests {
  private let database: TestDatabase
  private let incarnation: Incarnation

  init() throws {
    database = try TestDatabase()
    incarnation = try database.writer.nameRun()
  }

  @Test func theTableHasTheCataloguesColumns() throws {
    let found = try database.rows(
      "SELECT name, type FROM system.columns WHERE database = currentDatabase() AND table = 'events' ORDER BY position")
    let expected =
      [["topic", "LowCardinality(String)"], ["kafka_partition", "Int32"]]
      + Catalogue.v1.columns.map { [$0.name, $0.type.clickHouseName] } + [["ingested_at", "DateTime64(3, 'UTC')"]]
    #expect(found == expected)
  }

  @Test(arguments: [("user_daily", EventColumn.userID), ("deck_daily", .deckID), ("course_daily", .courseID)])
  func aRollupHoldsTheTypesThatCarryItsColumn(_ rollup: String, _ column: EventColumn) throws {
    let types = EventType.allCases.map { "'\($0.name)'" }.joined(separator: ", ")
    try database.writer.execute(
      "INSERT INTO events (event_type, occurred_at) SELECT arrayJoin([\(types)]), '2026-01-01 00:00:00'")
    let carriers = Catalogue.v1.events.filter { $0.position(of: column) != nil }.map(\.type.name).sorted()
    #expect(try database.list("SELECT DISTINCT event_type FROM \(rollup) ORDER BY event_type") == carriers)
    #expect(try database.list("SELECT uniqExact(event_type) FROM activity_hourly") == ["\(EventType.allCases.count)"])
  }

  private static let views = [
    ("deck_created", "deck_id,author_id"), ("card_created", "card_id,deck_id"),
    ("course_created", "course_id,author_id"), ("course_enrolled", "enrollment_id,course_id,user_id"),
    ("course_progress_updated", "course_id,user_id,deck_id,progress_percent"),
    ("learning_session_started", "session_id,user_id,deck_id"),
    ("learning_session_finished", "session_id,user_id,deck_id,total_cards,learned_cards,duration_sec,completed"),
    ("user_registered", "user_id,email,email_hash,email_domain"),
    (
      "card_answered",
      "session_id,user_id,deck_id,card_id,correct,answer_time_ms,rating,since_previous_sec,scheduled_days,stability,"
        + "retrievability,due_at"
    ),
    ("test_completed", "result_id,user_id,deck_id,cards_total,cards_correct,correct_rate,total_time_sec"),
    ("course_updated", "course_id,author_id,title"), ("course_deleted", "course_id,author_id"),
    ("course_published", "course_id,author_id"), ("course_unpublished", "course_id,author_id"),
    ("course_deck_added", "course_id,deck_id,order_index"), ("course_deck_removed", "course_id,deck_id"),
    ("course_unenrolled", "enrollment_id,course_id,user_id"), ("course_completed", "enrollment_id,course_id,user_id"),
    ("deck_updated", "deck_id,author_id,title"), ("deck_deleted", "deck_id,author_id,title"),
    ("card_updated", "card_id,deck_id"), ("card_deleted", "card_id,deck_id"),
    ("user_logged_in", "user_id,timezone"), ("user_deleted", "user_id"), ("user_erased", "user_id"),
  ]

  @Test func eachTypesViewHasItsColumnsAndRows() throws {
    let names = try database.list(
      "SELECT name FROM system.tables WHERE database = currentDatabase() AND engine = 'View'")
    #expect(Set(EventType.allCases.map(\.name)).isSubset(of: names))
    #expect(Set(Self.views.map(\.0)) == Set(EventType.allCases.map(\.name)))
    let types = Self.views.map { "'\($0.0)'" }.joined(separator: ", ")
    try database.writer.execute(
      """
      INSERT INTO events (event_type, occurred_at, event_time, total_cards_seen)
      SELECT arrayJoin([\(types)]), '2026-01-02 03:04:05.678', '2026-01-01 00:00:00.001', 7
      """)
    for (view, payload) in Self.views {
      let columns = try database.list(
        "SELECT name FROM system.columns WHERE database = currentDatabase() AND table = '\(view)' ORDER BY position")
      #expect(columns.joined(separator: ",") == "event_time,produced_at,event_id,\(payload)")
      #expect(
        try database.rows("SELECT produced_at, event_time FROM \(view)")
          == [["2026-01-02 03:04:05.678", "2026-01-01 00:00:00.001"]])
      let first = payload.prefix { $0 != "," }
      #expect(try database.reader.text("SELECT count(), any(\(first)) FROM \(view)") == "1\t0\n")
    }
  }

  /// One that is not declared would be neither audited nor recovered.
  @Test func everyViewThatFillsATableIsDeclared() throws {
    let views = try database.list(
      "SELECT name FROM system.tables WHERE database = currentDatabase() AND engine = 'MaterializedView' ORDER BY name")
    #expect(views == (Rollup.all.map(\.view) + ["delivery_proof_view"]).sorted())
  }

  /// The order of arrival of claims decides who owns a range.
  @Test func theOrderOfClaimsSurvivesMerges() throws {
    for writer in 0..<8 {
      try database.writer.execute(
        "INSERT INTO ranges (topic, kafka_partition, from_offset, to_offset, protocol) SELECT 't', 0, 100, \(100 + writer), 2"
      )
    }
    let question = "SELECT to_offset, _block_number FROM ranges ORDER BY _block_number"
    let before = try database.rows(question)
    #expect(before.map(\.first) == (100..<108).map { "\($0)" })
    try database.writer.execute("OPTIMIZE TABLE ranges FINAL")
    try database.admin.execute("DETACH TABLE ranges")
    try database.admin.execute("ATTACH TABLE ranges")
    #expect(try database.rows(question) == before)
  }

  /// Ten years in one block, so a part a month; larger than one aggregation's first hash table.
  @Test(arguments: [true, false]) func aRepeatedInsertAddsNothing(throughInput: Bool) throws {
    let block = try makeBlock(rows: 120_000, from: 0)
    try insert(block, token: "a", throughInput: throughInput)
    let once = try sums()
    #expect(once["events"]?[0] == "120000")
    #expect(once.values.allSatisfy { $0[0] != "0" })
    #expect(Int(try database.list("SELECT uniqExact(toYYYYMM(occurred_at)) FROM events")[0])! > 100)
    try insert(block, token: "a", throughInput: throughInput)
    #expect(try sums() == once)
    for table in ["events", "activity_hourly", "user_daily", "deck_daily", "course_daily"] {
      try database.writer.execute("OPTIMIZE TABLE \(table) FINAL")
    }
    #expect(try sums() == once)
    try insert(block, token: "a", throughInput: throughInput)
    #expect(try sums() == once)
    try insert(try makeBlock(rows: 10, from: 120_000), token: "b", throughInput: throughInput)
    #expect(try sums()["events"]?[0] == "120010")
  }

  /// A range's rows are sorted into one block before they are written: where its blocks were cut does not matter.
  @Test func aRangeSentInOtherBlocksAddsNothing() throws {
    try insert(try makeBlocks(rows: [700, 50, 450]), token: "a", throughInput: true)
    let once = try sums()
    #expect(once["events"]?[0] == "1200")
    let parts =
      "SELECT max(parts) FROM (SELECT count() AS parts FROM (SELECT DISTINCT _part, _partition_id FROM events) GROUP BY _partition_id)"
    #expect(try database.list(parts) == ["1"])
    for other in [[1200], [1, 1199], [400, 400, 400]] {
      try insert(try makeBlocks(rows: other), token: "a", throughInput: true)
      #expect(try sums() == once)
    }
  }

  /// A connection that ends between two blocks, where what came is well-formed.
  @Test(arguments: [1, 2]) func aBodyThatEndsBetweenBlocksInsertsNothing(_ sent: Int) throws {
    let blocks = try makeBlocks(rows: [700, 50, 450].prefix(sent).map { $0 })
    let statement = statement(throughInput: true)
    let server = try MigrationBench.user("WRITER", database: database.name)
    let answer = try RawPost(server).send(
      query: statement, settings: settings(token: "a").merging(["decompress": "0"]) { $1 }, body: blocks,
      announced: blocks.count + 10_000)
    #expect(answer.hasPrefix("HTTP/1.1 500"), "\(answer)")
    #expect(try sums()["events"]?[0] == "0")
    try insert(try makeBlocks(rows: [700, 50, 450]), token: "a", throughInput: true)
    #expect(try sums()["events"]?[0] == "1200")
  }

  /// What a crash between table and views leaves: the repetition fills the views and leaves the table alone.
  @Test func aRepeatedInsertFillsTheViewsThatLackIt() throws {
    let block = try makeBlock(rows: 5_000, from: 0)
    for view in ["deck_daily_view", "user_daily_view"] { try database.admin.execute("DETACH TABLE \(view)") }
    try insert(block, token: "a", throughInput: true)
    for view in ["deck_daily_view", "user_daily_view"] { try database.admin.execute("ATTACH TABLE \(view)") }
    #expect(try sums()["deck_daily"]?[0] == "0")
    let course = try sums()["course_daily"]
    try insert(block, token: "a", throughInput: true)
    let filled = try sums()
    #expect(filled["events"]?[0] == "5000" && filled["course_daily"] == course)
    #expect(
      filled["deck_daily"]?[0]
        == (try database.list("SELECT count() FROM events WHERE event_type IN (\(carriers(.deckID)))")[0]))
    #expect(
      filled["user_daily"]?[0]
        == (try database.list("SELECT count() FROM events WHERE event_type IN (\(carriers(.userID)))")[0]))
    try insert(block, token: "a", throughInput: true)
    #expect(try sums() == filled)
  }

  @Test func distinctUsersAreExactForIdsOf64Bits() throws {
    try database.writer.execute(
      """
      INSERT INTO events (event_type, occurred_at, user_id, deck_id)
      SELECT 'card_answered', '2026-01-01 00:00:00', bitShiftLeft(number % 50, 58) + number % 1000, 18446744073709551615
      FROM numbers(10000)
      """)
    let exact = try database.list("SELECT uniqExact(user_id) FROM events")
    #expect(try database.list("SELECT groupBitmapMerge(users) FROM activity_hourly") == exact)
    #expect(
      try database.list("SELECT groupBitmapMerge(users) FROM deck_daily WHERE deck_id = 18446744073709551615") == exact)
  }

  private func carriers(_ column: EventColumn) -> String {
    Catalogue.v1.events.filter { $0.position(of: column) != nil }.map { "'\($0.type.name)'" }.joined(separator: ", ")
  }

  /// Events, and a sum of something else, of the table and each rollup.
  private func sums() throws -> [String: [String]] {
    var sums = ["events": try database.rows("SELECT count(), sum(duration_sec) FROM events")[0]]
    for rollup in ["activity_hourly", "user_daily", "deck_daily", "course_daily"] {
      sums[rollup] = try database.rows("SELECT sum(events), sum(study_seconds) FROM \(rollup)")[0]
    }
    return sums
  }

  private static let columns =
    "topic, kafka_offset, event_type, occurred_at, user_id, deck_id, course_id, duration_sec, event_id"

  /// One Native block of events of every type, over ten years.
  private func makeBlock(rows: Int, from: Int) throws -> [UInt8] {
    let types = EventType.allCases.map { "'\($0.name)'" }.joined(separator: ", ")
    return try database.writer.execute(
      """
      SELECT toLowCardinality('t') AS topic, toInt64(number) AS kafka_offset,
        toLowCardinality([\(types)][1 + number % \(EventType.allCases.count)]) AS event_type,
        toDateTime64('2015-01-01 00:00:00', 3, 'UTC') + toIntervalSecond(cityHash64(number) % 315360000) AS occurred_at,
        cityHash64(number, 1) % 5000 AS user_id, cityHash64(number, 2) % 500 AS deck_id,
        cityHash64(number, 3) % 50 AS course_id, toUInt32(number % 900) AS duration_sec, generateUUIDv4() AS event_id
      FROM numbers(\(from), \(rows)) FORMAT Native SETTINGS max_block_size = 1048576, max_threads = 1
      """)
  }

  /// Blocks one after the other, of so many rows each.
  private func makeBlocks(rows: [Int]) throws -> [UInt8] {
    var blocks: [UInt8] = []
    var from = 0
    for count in rows {
      blocks += try makeBlock(rows: count, from: from)
      from += count
    }
    return blocks
  }

  /// As the collector sends a range, or as a plain INSERT.
  private func insert(_ blocks: [UInt8], token: String, throughInput: Bool) throws {
    let compressor = FrameCompressor()
    let frames = blocks.withUnsafeBytes { compressor.compress($0) }
    try withExtendedLifetime(compressor) {
      _ = try database.writer.insert(
        statement(throughInput: throughInput), frames: frames, settings: settings(token: token))
    }
  }

  private func statement(throughInput: Bool) -> String {
    let insert = RangeInsert(
      table: "events",
      columns: [
        ("topic", "LowCardinality(String)"), ("kafka_offset", "Int64"), ("event_type", "LowCardinality(String)"),
        ("occurred_at", "DateTime64(3, 'UTC')"), ("user_id", "UInt64"), ("deck_id", "UInt64"), ("course_id", "UInt64"),
        ("duration_sec", "UInt32"), ("event_id", "UUID"),
      ], stampColumn: "ingested_at")
    return throughInput
      ? insert.text(Lease(untilMs: 7_258_118_400_000, in: incarnation))
      : "INSERT INTO events (\(Self.columns)) FORMAT Native"
  }

  private func settings(token: String) -> [String: String] { RangeInsert.settings(token: token, timeoutMs: 60_000) }
}
