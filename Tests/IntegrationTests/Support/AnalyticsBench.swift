import Analytics
import CivilTime
import ClickHouse
import Foundation
import Migrations
import RealServers

/// A migrated database of one test's own, filled by SQL, and the analytics service's ways into it as `analytics_reader`.
final class AnalyticsBench: Sendable {
  let database: String
  let url: String
  let warehouse: ClickHouseWarehouse
  private let admin: ClickHouseClient
  private let reader: ClickHouseClient

  init() async throws {
    let environment = ProcessInfo.processInfo.environment
    guard let url = environment["CLICKHOUSE_URL"] else {
      throw Failure("CLICKHOUSE_URL is not set: run the tests with `make test`, which starts the server")
    }
    self.url = url
    let database = "test_\(UUID().uuidString.prefix(8).lowercased())"
    self.database = database
    let password = environment["CLICKHOUSE_PASSWORD_READER"] ?? "reader-local"
    let server = ClickHouseConnection(try ClickHouseServer.configuration())
    try AccessControl(admin: server, database: database).apply(
      writer: .init(
        name: "analytics_writer", password: environment["CLICKHOUSE_PASSWORD_WRITER"] ?? "writer-local"),
      reader: .init(name: "analytics_reader", password: password))
    let folder = Kartoteka.root.appending(path: "clickhouse").path
    _ = try MigrationRunner(
      try Migration.load(folder: folder), try ClickHouseServer.configuration(database: database)
    ).up()
    admin = ClickHouseClient(try ClickHouseServer.configuration(database: database), connections: 1)
    reader = ClickHouseClient(
      try ClickHouseConfiguration(url: url, database: database, user: "analytics_reader", password: password))
    warehouse = ClickHouseWarehouse(reader)
  }

  deinit {
    let connection = (try? ClickHouseServer.configuration()).map(ClickHouseConnection.init)
    _ = try? connection?.execute("DROP DATABASE IF EXISTS \(database) SYNC")
    admin.close()
    reader.close()
  }

  /// Rows of a statement, run as the administrator.
  @discardableResult
  func rows(_ sql: String) async throws -> [[String]] {
    let bytes = try await admin.query(sql)
    return String(decoding: bytes, as: UTF8.self).split(separator: "\n")
      .map { $0.split(separator: "\t", omittingEmptySubsequences: false).map(String.init) }
  }

  /// The answer to a query, over all tables or only the given ones.
  func answer(
    _ query: String, tables: [FactTable] = FactTable.all, now: String = "2026-11-22T22:30:00Z"
  ) async throws -> Answer {
    let answering = Answering(
      planner: Planner(tables: tables), warehouse: warehouse, clock: { Self.instant(now) })
    return try await answering.answer(try QueryReader.read(Array(query.utf8)), for: Self.scope)
  }

  /// The rows of an answer as text: dimensions, metrics, compared metrics.
  func table(_ query: String, tables: [FactTable] = FactTable.all) async throws -> [String] {
    try await answer(query, tables: tables).rows.map(Self.text)
  }

  static func text(_ row: Answer.Row) -> String {
    (row.dimensions + row.metrics + (row.past ?? [])).map { value in
      if case .string(let text) = value { text } else { value.text }
    }.joined(separator: " ")
  }

  static var scope: RequestScope {
    RequestScope(requestID: "test-\(UUID().uuidString)", deadline: .now + .seconds(20))
  }

  static func instant(_ text: String) -> Instant {
    let date = try? Date(text, strategy: .iso8601)
    return Instant(seconds: Int(date?.timeIntervalSince1970 ?? 0))
  }

  /// Inserts events given as `type, time, column: value…`.
  func insert(_ events: [(type: String, at: String, fields: [String: String])]) async throws {
    for event in events {
      let names = event.fields.keys.sorted()
      let columns = ["event_type", "occurred_at", "producer"] + names
      let values = ["'\(event.type)'", "'\(event.at)'", "'test'"] + names.compactMap { event.fields[$0] }
      try await rows(
        "INSERT INTO events (\(columns.joined(separator: ", "))) VALUES (\(values.joined(separator: ", ")))")
    }
  }

  /// Inserts `count` events of all kinds over sixty days up to 2026-11-22, the same for the same seed.
  func insertRandom(_ count: Int, seed: Int = 1) async throws {
    func random(_ salt: Int) -> String { "(cityHash64(number, \(seed), \(salt)) % 1000003)" }
    let types = """
      ['card_answered', 'card_answered', 'card_answered', 'learning_session_started', 'learning_session_finished', \
      'learning_session_finished', 'test_completed', 'user_logged_in', 'user_registered', 'course_progress_updated', \
      'course_enrolled', 'course_unenrolled', 'course_completed', 'course_created', 'deck_created', 'card_created', \
      'course_published', 'deck_updated', 'user_deleted', 'course_updated', 'course_deleted', 'course_deck_added', \
      'course_deck_removed', 'user_erased']
      """
    try await rows(
      """
      INSERT INTO events (event_type, occurred_at, producer, user_id, session_id, deck_id, card_id, course_id, author_id,
        total_cards_seen, learned_cards, duration_sec, completed, answer_time_ms, correct, rating, correct_rate, progress_percent)
      SELECT type, toDateTime64('2026-09-24 00:00:00', 3, 'UTC') + toIntervalMillisecond(\(random(1)) * 5184 + \(random(2)) % 999),
        ['decks-service', 'import'][1 + \(random(3)) % 2],
        if(has_user, 1 + \(random(4)) % 400, 0), if(is_session, number, 0), if(has_deck, 1 + \(random(5)) % 25, 0),
        if(type IN ('card_answered', 'card_created'), 1 + \(random(6)) % 90, 0),
        if(startsWith(type, 'course'), 1 + \(random(7)) % 6, 0), if(has_user, 0, 1 + \(random(8)) % 9),
        if(finished, \(random(9)) % 40, 0), if(finished, \(random(10)) % 12, 0), if(finished, \(random(11)) % 900, 0),
        finished AND \(random(12)) % 3 > 0, if(type = 'card_answered', \(random(13)) % 9000, 0),
        type = 'card_answered' AND \(random(14)) % 4 > 0, if(type = 'card_answered', \(random(15)) % 5, 0),
        if(type = 'test_completed', \(random(16)) % 8 / 7, 0), if(type = 'course_progress_updated', \(random(17)) % 1001 / 10, 0)
      FROM (SELECT number, \(types)[1 + \(random(18)) % 24] AS type, type = 'learning_session_finished' AS finished,
        type IN ('card_answered', 'learning_session_started', 'learning_session_finished') AS is_session,
        NOT (type IN ('course_created', 'deck_created', 'card_created', 'course_published', 'deck_updated', 'course_updated',
          'course_deleted', 'course_deck_added', 'course_deck_removed')) AS has_user,
        is_session OR type IN ('test_completed', 'course_progress_updated', 'deck_created', 'card_created', 'deck_updated',
          'course_deck_added', 'course_deck_removed') AS has_deck
        FROM numbers(\(count)))
      """)
  }
}
