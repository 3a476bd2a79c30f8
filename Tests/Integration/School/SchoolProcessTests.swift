import Blocking
import ClickHouse
import Foundation
import JSON
import PlatformClient
import RealServers
import School
import Testing

/// `kartoteka seed-demo` and `kartoteka load --rest` as processes against the whole platform.
@Suite struct SchoolProcessTests {
  private static let password = "a school's own sentence"

  @Test func aSchoolIsMadeAndItsEventsAreKnown() async throws {
    let profile = ServerProfile()
    defer { profile.stop() }
    try profile.start(["clickhouse", "kafka", "s3", "redis", "postgres-users", "postgres-decks"])
    let settings = ["LOG_LEVEL": "warning", "COLLECTOR_FLUSH_INTERVAL": "200ms", "DRAIN_SECONDS": "0"]
    let platform = try await RunningPlatform(
      [.collector, .users, .decks, .auth, .gateway], try profile.environment().merging(settings) { $1 })
    defer { platform.end() }
    try aManagerIsWanted(platform)
    try aSchoolIsMade(platform)
    try await itsPeopleAreThere(platform)
    try loadIsVerified(platform)
    try aLieIsCaught(ClickHouseConnection(try Self.clickHouse(platform, user: "default", password: "")), platform)
    try whatDoesNotArriveIsMissed(platform)
    try somewhereElseItIsRefused(platform)
  }

  private func seed(
    _ platform: RunningPlatform, _ more: [String: String] = [:], _ arguments: [String] = []
  ) throws -> Kartoteka.Ended {
    let environment = ["DEMO_PASSWORD": Self.password].merging(more) { $1 }
    return try platform.kartoteka(
      ["seed-demo", "--learners", "8", "--weeks", "2", "--verify"] + arguments, environment)
  }

  private func aManagerIsWanted(_ platform: RunningPlatform) throws {
    let without = try seed(platform)
    #expect(without.status == 1 && without.errors.contains("add-manager"), "\(without)")
    let added = try platform.kartoteka(
      ["users", "add-manager", "--email", "head@school.example", "--name", "Ada", "--surname", "Head"],
      input: Self.password + "\n")
    #expect(added.status == 0, "\(added)")
    let wrong = try seed(platform, ["DEMO_PASSWORD": "another sentence"])
    #expect(wrong.status == 1 && wrong.errors.contains("INVALID_CREDENTIALS"), "\(wrong)")
    #expect(!wrong.errors.contains("another sentence"))
    let stranger = try seed(platform, ["SERVICE_SECRET": "that of a stranger, who is not believed"])
    #expect(stranger.status == 1 && stranger.errors.contains("SIMULATED_TIME_REFUSED"), "\(stranger)")
  }

  private func aSchoolIsMade(_ platform: RunningPlatform) throws {
    let record = FileManager.default.temporaryDirectory.appending(path: "school-\(UUID().uuidString).json").path
    defer { try? FileManager.default.removeItem(atPath: record) }
    let made = try seed(platform, [:], ["--record", record])
    #expect(made.status == 0 && made.output.contains("yes: every one"), "\(made)")
    #expect(!made.output.contains(Self.password) && !made.errors.contains(Self.password))
    // Somebody of the school goes on with his life.
    let caller = PatientCaller(PlatformConnection(try #require(platform.environment["GATEWAY_URL"])))
    _ = try caller.send(.login(email: "m.collins@school.example", password: Self.password))
    let there = "nothing was added. Seed 1, 8 learners, 2 weeks"
    let again = try seed(platform, [:], ["--record", record])
    #expect(again.status == 0 && again.output.contains(there), "\(again)")
    #expect(again.output.contains("yes: every one"), "\(again)")
    let unknown = try seed(platform)
    #expect(unknown.status == 0 && unknown.output.contains(there) && unknown.output.contains("not again"), "\(unknown)")
    let kept = try String(contentsOfFile: record, encoding: .utf8)
    func change(_ text: String) throws { try text.write(toFile: record, atomically: false, encoding: .utf8) }
    let id = UUID().uuidString.lowercased()
    try change(kept.replacing(/"[0-9a-f-]{36}"/, with: "\"\(id)\"", maxReplacements: 1))
    let less = try seed(platform, [:], ["--record", record])
    #expect(less.status == 1 && less.output.contains("1 are missing, as event_id \(id)"), "\(less)")
    try change(kept.replacing(/"log":\d+/, with: "\"log\":0"))
    let foreign = try seed(platform, [:], ["--record", record])
    #expect(foreign.status == 1 && foreign.errors.contains("is the record of another school"), "\(foreign)")
    let reader = ClickHouseConnection(try Self.clickHouse(platform))
    let history = try reader.rows(
      """
      SELECT dateDiff('hour', min(occurred_at), now()) >= 24 * 10, max(occurred_at) < now() + 60,
        uniqExact(toDate(occurred_at)) > 7, countIf(event_type = 'deck_created' AND title != '') > 10,
        countIf(event_type = 'card_answered' AND isNotNull(retrievability)) > 20,
        countIf(event_type = 'user_logged_in' AND timezone != '') > 5
      FROM events
      """)
    #expect(
      (0..<6).map { history[0][$0] } == Array(repeating: "1", count: 6),
      "it has lasted for weeks, with titles, zones and schedules")
  }

  private func itsPeopleAreThere(_ platform: RunningPlatform) async throws {
    let caller = PatientCaller(PlatformConnection(try #require(platform.environment["GATEWAY_URL"])))
    var learner = SignedInPerson(
      try caller.send(.login(email: "learner1@school.example", password: Self.password, timezone: "Europe/Berlin")))
    let decks = try caller.send(.listDecks(limit: 100), as: &learner)
    let flags = try #require(decks.first { $0.title == "Flags" })
    let picture = try caller.send(.deck(flags.id), as: &learner).cards.compactMap(\.frontImageURL).first
    let shown = try await PlainRequest.send("GET", try #require(picture))
    #expect(shown.status == 200 && shown.body.starts(with: [0x89, 0x50, 0x4E, 0x47]))
  }

  private func loadIsVerified(_ platform: RunningPlatform) throws {
    let ended = try platform.kartoteka([
      "load", "--rest", "--rate", "40", "--duration", "6s", "--learners", "20", "--verify", "--format", "json",
    ])
    #expect(ended.status == 0, "\(ended)")
    let result = try JSONParser.parse(Array(ended.output.utf8))
    #expect(result["calls"] == .number("240") && result["answered"] == .number("240"))
    let verification = try #require(result["verification"])
    #expect(verification["ok"] == .bool(true) && verification["expected"] == verification["found"])
    #expect(verification["by_type"]?["card_answered"] != nil && verification["by_type"]?["card_created"] != nil)
  }

  /// What ClickHouse holds is changed behind everybody's back.
  private func aLieIsCaught(_ admin: ClickHouseConnection, _ platform: RunningPlatform) throws {
    let answers = try admin.rows(
      """
      SELECT toString(user_id), any(toString(event_id)) FROM events WHERE event_type = 'card_answered'
      GROUP BY user_id ORDER BY count() DESC LIMIT 1
      """)
    let (person, event) = (answers[0][0], answers[0][1])
    var expected = ExpectedEvents()
    for row in try admin.rows(
      """
      SELECT toString(event_type), user_id, session_id, deck_id, card_id, result_id FROM events
      WHERE user_id = \(person) OR author_id = \(person)
      """)
    {
      let ids = (1...5).compactMap { Int64(row[$0]) }
      expected.add(EventKey(row[0], person: ids[0], session: ids[1], deck: ids[2], card: ids[3], result: ids[4]))
    }
    let reader = try Self.clickHouse(platform)
    func outcome() -> EventCheck.Outcome {
      EventCheck(expected, reader, sinceMs: 0).run(timeoutSeconds: 0, stop: CancellationFlag()) { _ in }
    }
    func differ(_ how: String) -> Bool {
      let differences = outcome().differences
      return differences.count == 1 && differences[0].hasPrefix(how)
    }
    func copy(as id: String) throws {
      try admin.execute(
        """
        INSERT INTO events SELECT * REPLACE (toUUID('\(id)') AS event_id) FROM events WHERE event_id = '\(event)'
        SETTINGS insert_deduplicate = 0
        """)
    }
    func delete(_ id: String) throws {
      try admin.execute("ALTER TABLE events DELETE WHERE event_id = '\(id)' SETTINGS mutations_sync = 1")
    }
    #expect(outcome().holds && outcome().found == expected.count)

    let other = UUID().uuidString
    try copy(as: other)
    #expect(differ("card_answered: 1 that no answered call caused"))
    try delete(other)
    #expect(outcome().holds)

    try copy(as: event)
    #expect(outcome().holds && outcome().repeated == 1, "told twice, it is one event")
    try delete(event)
    #expect(differ("card_answered: 1 missing of"))
  }

  private func whatDoesNotArriveIsMissed(_ platform: RunningPlatform) throws {
    platform.stop(.collector)
    let ended = try platform.kartoteka([
      "load", "--rest", "--rate", "20", "--duration", "1s", "--learners", "2", "--verify", "--verify-timeout", "1s",
    ])
    #expect(ended.status == 1 && ended.output.contains("user_registered: 3 missing of 3"), "\(ended)")
  }

  private func somewhereElseItIsRefused(_ platform: RunningPlatform) throws {
    let production = try seed(platform, ["KARTOTEKA_ENV": "production"])
    #expect(production.status == 64 && production.errors.contains("KARTOTEKA_ENV is not local"), "\(production)")
    platform.stop(.gateway)
    let away = try seed(platform)
    #expect(away.status == 1 && away.errors.contains(". Is the gateway up, where GATEWAY_URL says?"), "\(away)")
    let load = try platform.kartoteka(["load", "--rest", "--duration", "1s"])
    #expect(load.status == 1 && load.errors.contains("cannot connect to the platform"), "\(load)")
  }

  private static func clickHouse(
    _ platform: RunningPlatform, user: String = "analytics_reader", password: String = "reader-local"
  ) throws -> ClickHouseConfiguration {
    try ClickHouseConfiguration(
      url: try #require(platform.environment["CLICKHOUSE_URL"]), database: "analytics", user: user, password: password)
  }
}
