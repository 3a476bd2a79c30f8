import Audit
import ClickHouse
import Collector
import Foundation
import Migrations
import RealServers
import Testing

/// Migrations that change the rollups' views (0009, 0012) or the table they read (0011): a range repeated across one must add
/// nothing.
@Suite struct RollupMigrationTests {
  private let database = "test_\(UUID().uuidString.prefix(8).lowercased())"
  private let connection: ClickHouseConnection
  private let migrations: [Migration]
  private let incarnation: Incarnation

  init() throws {
    try ClickHouseConnection(try ClickHouseServer.configuration()).execute("CREATE DATABASE \(database)")
    connection = ClickHouseConnection(try ClickHouseServer.configuration(database: database))
    migrations = try Migration.load(folder: Kartoteka.root.appending(path: "clickhouse").path)
    // The INSERT asks for it; the versions tried here are older than its table.
    try connection.execute(migrations[13].statements[0].text)
    incarnation = try connection.nameRun()
  }

  private func migrate(to version: Int) throws {
    _ = try MigrationRunner(migrations, try ClickHouseServer.configuration(database: database)).up(to: version)
  }

  private func drop() { _ = try? connection.execute("DROP DATABASE IF EXISTS \(database) SYNC") }

  /// - Parameters:
  ///   - version: of the migration.
  ///   - twice: each statement twice, as after a runner that died before it could write down the first.
  @Test(arguments: [(9, false), (9, true), (11, false), (12, false), (12, true)])
  func aTokenRepeatedAcrossItAddsNothing(version: Int, twice: Bool) throws {
    defer { drop() }
    try migrate(to: version - 1)
    let views = ["deck_daily_view", "user_daily_view"]
    try insert(0..<20_000)
    for view in views { try connection.execute("DETACH TABLE \(view)") }
    try insert(20_000..<20_500)
    for view in views { try connection.execute("ATTACH TABLE \(view)") }
    let before = try sums()
    #expect(before["events"] == "20500" && before["activity_hourly"] == "20500" && before["user_daily"] == "20000")
    if twice {
      for statement in migrations[version - 1].statements {
        try connection.execute(statement.text)
        try connection.execute(statement.text)
      }
    } else {
      try migrate(to: version)
    }
    #expect(try sums() == before)
    try insert(0..<20_000)
    #expect(try sums() == before)
    // What two of the views lacked comes to them, and to nothing else.
    try insert(20_000..<20_500)
    let after = try sums()
    #expect(after["user_daily"] == "20500" && after["events"] == "20500" && after["activity_hourly"] == "20500")
    #expect(try differences() == [])
    try insert(30_000..<30_100)
    #expect(try differences() == [])
    let columns = "SELECT count() FROM system.columns WHERE database = '\(database)' AND name IN ('score', 'progress')"
    #expect(try connection.text(columns) == "0\n")
    let types = "SELECT DISTINCT event_type FROM course_daily ORDER BY event_type"
    try connection.execute("INSERT INTO events (event_type) VALUES ('course_deck_added')")
    let isKnown = version < 12 ? "" : "course_deck_added\n"
    #expect(try connection.text(types) == isKnown + "course_progress_updated\n")
  }

  @Test(arguments: [9, 12]) func itBeginsWhenNoLeaseIsOpen(version: Int) throws {
    defer { drop() }
    try migrate(to: version == 9 ? 6 : version - 1)
    // As a version wrote it that knew no `expires_at`: two minutes.
    try connection.execute("INSERT INTO ranges (topic) SELECT 't'")
    try migrate(to: version - 1)
    let statements = migrations[version - 1].statements
    let refusal = #expect(throws: MigrationError.self) { try migrate(to: version) }
    #expect("\(String(describing: refusal))".contains("stop the collectors"), "\(String(describing: refusal))")
    #expect(try connection.text("SELECT count() FROM ranges") == "1\n")
    try connection.execute("TRUNCATE TABLE ranges")
    let lease = "INSERT INTO ranges (topic, expires_at) SELECT 't', now64(3) + 3"
    // One who was quicker than the table's new name, which nobody claims from any more.
    try connection.execute(statements[0].text)
    try connection.execute(lease)
    try connection.execute(statements[1].text)
    #expect(throws: ClickHouseError.self) { try connection.execute(lease) }
    let again = #expect(throws: ClickHouseError.self) { try connection.execute(statements[2].text) }
    #expect("\(String(describing: again))".contains("took a lease just now"), "\(String(describing: again))")
    usleep(3_100_000)
    for statement in statements.dropFirst(2) { try connection.execute(statement.text) }
    #expect(try connection.text("SELECT count() FROM ranges") == "1\n")
  }

  /// A version whose leases do not name the run gets none from then on.
  @Test func olderVersionsGetNoLeaseAfterTheRunsAreNamed() throws {
    defer { drop() }
    try migrate(to: 13)
    let lease = "INSERT INTO ranges (topic, protocol, expires_at) SELECT 't', 1, now64(3) + 3"
    try connection.execute(lease)
    let refusal = #expect(throws: MigrationError.self) { try migrate(to: 14) }
    #expect("\(String(describing: refusal))".contains("stop the collectors"), "\(String(describing: refusal))")
    usleep(3_100_000)
    try migrate(to: 14)
    let refused = #expect(throws: ClickHouseError.self) { try connection.execute(lease) }
    #expect("\(String(describing: refused))".contains("names_its_run"), "\(String(describing: refused))")
    try connection.execute("INSERT INTO ranges (topic, protocol) SELECT 't', 2")
    #expect(try connection.text("SELECT count() FROM ranges") == "2\n")
  }

  private func sums() throws -> [String: String] {
    var sums = ["events": try connection.text("SELECT count() FROM events").trimmingCharacters(in: .newlines)]
    for rollup in ["activity_hourly", "user_daily", "deck_daily", "course_daily"] {
      sums[rollup] = try connection.text("SELECT sum(events) FROM \(rollup)").trimmingCharacters(in: .newlines)
    }
    return sums
  }

  /// The rollups that are not what the raw table says.
  private func differences() throws -> [String] {
    try Audit(connection).run().rollups.filter { !$0.holds }.map { "\($0.name): raw \($0.raw), rollup \($0.rolled)" }
  }

  private static let columns: [RangeInsert.Column] = [
    ("topic", "LowCardinality(String)"), ("kafka_offset", "Int64"), ("event_type", "LowCardinality(String)"),
    ("occurred_at", "DateTime64(3, 'UTC')"), ("user_id", "UInt64"), ("deck_id", "UInt64"), ("course_id", "UInt64"),
    ("correct_rate", "Float64"), ("progress_percent", "Float64"),
  ]

  /// Events of types that carry users and decks, over two years, as the collector sends a range.
  private func insert(_ offsets: Range<Int>) throws {
    let block = try connection.execute(
      """
      SELECT toLowCardinality('t') AS topic, toInt64(number) AS kafka_offset,
        toLowCardinality(['test_completed', 'course_progress_updated', 'card_answered'][1 + number % 3]) AS event_type,
        toDateTime64('2015-01-01 00:00:00', 3, 'UTC') + toIntervalSecond(cityHash64(number) % 63072000) AS occurred_at,
        number % 300 AS user_id, number % 40 AS deck_id,
        toUInt64(if(event_type = 'course_progress_updated', number % 7, 0)) AS course_id,
        if(event_type = 'test_completed', cityHash64(number, 1) % 8 / 7, 0) AS correct_rate,
        if(event_type = 'course_progress_updated', cityHash64(number, 2) % 1001 / 10, 0) AS progress_percent
      FROM numbers(\(offsets.lowerBound), \(offsets.count))
      FORMAT Native SETTINGS max_block_size = 1048576, max_threads = 1
      """)
    let statement = RangeInsert(table: "events", columns: Self.columns, stampColumn: "ingested_at")
      .text(Lease(untilMs: 7_258_118_400_000, in: incarnation))
    let compressor = FrameCompressor()
    let frames = block.withUnsafeBytes { compressor.compress($0) }
    try withExtendedLifetime(compressor) {
      _ = try connection.insert(
        statement, frames: frames, settings: RangeInsert.settings(token: "t/\(offsets)", timeoutMs: 60_000))
    }
  }
}
