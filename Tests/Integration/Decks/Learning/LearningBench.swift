import CivilTime
import Decks
import Foundation
import HTTPService
import HTTPServiceTesting
import Logging
import Migrations
import Postgres
import RealServers
import ServiceContract
import ServiceStore
import Settings
import Telemetry
import Testing

/// The learning half of the decks service over a database of a test's own. Decks and cards are put there by SQL.
final class LearningBench {
  /// 2026-03-02 12:00 UTC, a Monday.
  static let noon = Instant(seconds: 1_772_452_800)

  let database: PostgresDatabase
  let pool: PostgresPool
  let store: LearningStore
  let web: LearningClient
  let metrics = MetricsRegistry()

  var admin: PostgresConnection { database.admin }

  /// - Parameter server: where the database is made; nil: the server of the test run.
  convenience init(_ server: PostgresConfiguration? = nil, connections: Int = 6) throws {
    let database = try PostgresDatabase(
      server, options: "TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C.UTF-8' LC_CTYPE 'C.UTF-8'")
    let folder = Kartoteka.root.appending(path: "postgres/decks").path
    _ = try PostgresMigrationRunner(Migration.load(folder: folder, dialect: .postgres), database.configuration).up()
    try self.init(over: database, connections: connections)
  }

  /// One more instance of the service over a database.
  init(over database: PostgresDatabase, connections: Int) throws {
    self.database = database
    pool = PostgresPool(database.configuration, connections: connections)
    store = LearningStore(
      pool, outbox: OutboxWriter(), signal: OutboxSignal(), metrics: LearningMetrics(metrics))
    var api = API(service: "Decks", version: "1", notes: "For a test.")
    LearningOperations(store) { key, version in "https://images/\(key)?v=\(version)" }.add(to: &api)
    let secrets = try TrustSecrets(Settings(environment: [:]))
    let clock = RequestClock(secrets, isLocal: true)
    let router = ServiceRouter(
      api, service: "decks", secrets: secrets, deadline: RequestDeadline(longest: .seconds(10)), clock: clock,
      checks: [], metrics: metrics,
      translate: { ($0 as? PostgresError).flatMap(StoreFailures.translate) })
    web = LearningClient(client: RouterClient(router.router(), of: api), clock: clock)
  }

  var sweeper: SessionSweeper { SessionSweeper(store, log: Logger(label: "sweeper") { _ in SwiftLogNoOpLogHandler() }) }

  // MARK: Decks

  /// A deck with so many cards, in the order of their ids.
  func deck(
    owner: Int64 = 1, cards count: Int, isPrivate: Bool = false
  ) throws -> (id: Int64, cards: [Int64]) {
    let deck = Int64(
      try admin.number(
        """
        INSERT INTO decks (owner_id, title, visibility, cards_amount, created_at, updated_at)
        VALUES (\(owner), 'Deck', '\(isPrivate ? "private" : "public")', \(count), now(), now()) RETURNING id
        """))
    let rows = try admin.sql(
      """
      INSERT INTO cards (deck_id, front_text, back_text, order_index, created_at, updated_at)
      SELECT \(deck), 'front ' || n, 'back ' || n, n, now(), now() FROM generate_series(1, \(count)) n RETURNING id
      """)
    return (deck, try rows.map { try $0.value(0) })
  }

  /// A change of a deck's cards, as the content half of the service makes it.
  @discardableResult
  func change(_ deck: Int64, _ sql: String) throws -> PostgresRows {
    try admin.sql("UPDATE decks SET version = version + 1 WHERE id = \(deck)", sql)
  }

  // MARK: Events

  /// How many events of a type wait in the outbox, in a condition on `p`, the payload.
  func events(_ type: String, _ condition: String = "true") throws -> Int {
    try admin.number(
      """
      SELECT count(*) FROM (SELECT value::jsonb -> 'payload' AS p FROM outbox WHERE value::jsonb ->> 'event_type' = '\(type)') e
      WHERE \(condition)
      """)
  }

  /// Whether the events in the outbox tell just what the tables say; the first difference in words.
  func differences() throws -> [String] {
    let event = { (type: String) in
      "(SELECT value::jsonb -> 'payload' AS p FROM outbox WHERE value::jsonb ->> 'event_type' = '\(type)') e"
    }
    let session =
      "(p ->> 'session_id')::bigint = s.id AND (p ->> 'user_id')::bigint = s.user_id AND (p ->> 'deck_id')::bigint = s.deck_id"
    let checks = [
      "answers": """
      \(event("card_answered")) FULL JOIN answers s ON (p ->> 'session_id')::bigint = s.session_id
      AND (p ->> 'user_id')::bigint = s.user_id AND (p ->> 'deck_id')::bigint = s.deck_id
      AND (p ->> 'card_id')::bigint = s.card_id AND (p ->> 'correct')::boolean = s.correct
      AND (p ->> 'answer_time_ms')::int = s.answer_time_ms AND (p ->> 'answered_at')::timestamptz = s.answered_at
      AND coalesce((p ->> 'rating')::int, 0) = coalesce(s.rating, 0)
      AND coalesce(p ->> 'due_at', '') = coalesce(to_char(s.due_at, 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), '')
      WHERE p IS NULL OR s.answer_id IS NULL
      """,
      "starts": """
      \(event("learning_session_started")) FULL JOIN learning_sessions s ON \(session)
      AND (p ->> 'started_at')::timestamptz = s.started_at WHERE p IS NULL OR s.id IS NULL
      """,
      "ends": """
      \(event("learning_session_finished")) FULL JOIN (SELECT * FROM learning_sessions WHERE ended_at IS NOT NULL) s
      ON \(session) AND (p ->> 'finished_at')::timestamptz = s.ended_at
      AND (p ->> 'total_cards_seen')::int = s.cards_seen AND (p ->> 'learned_cards')::int = s.cards_known
      AND (p ->> 'duration_sec')::int = s.duration_sec AND (p ->> 'completed')::boolean = (s.end_cause <> 'abandoned')
      WHERE p IS NULL OR s.id IS NULL
      """,
      "tests": """
      \(event("test_completed")) FULL JOIN test_results s ON (p ->> 'result_id')::bigint = s.id
      AND (p ->> 'user_id')::bigint = s.user_id AND (p ->> 'deck_id')::bigint = s.deck_id
      AND (p ->> 'cards_total')::int = s.cards_total AND (p ->> 'cards_correct')::int = s.cards_correct
      AND (p ->> 'completed_at')::timestamptz = s.completed_at WHERE p IS NULL OR s.id IS NULL
      """,
    ]
    var found: [String] = []
    for (name, check) in checks.sorted(by: { $0.key < $1.key }) {
      let count = try admin.number("SELECT count(*) FROM \(check)")
      if count > 0 { found.append("\(count) \(name)") }
    }
    return found
  }
}
