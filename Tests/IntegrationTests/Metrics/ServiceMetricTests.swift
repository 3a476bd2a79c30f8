import Foundation
import RealServers
import Testing

/// What auth, users, decks, teaching and the gateway show is what the page says, and the other way round.
@Suite(.serialized) struct ServiceMetricTests {
  private static let trouble: Set<String> = [
    "auth_key_reload_failures_total", "outbox_errors_total", "gateway_upstream_errors_total",
    "http_connections_closed_total",
  ]

  @Test(.timeLimit(.minutes(3))) func theServicesShowWhatThePageSays() async throws {
    let platform = try await PlatformDatabases().platform()
    try await live(platform)
    for (role, prefixes) in [
      (.users, ["users_", "pool_", "outbox_", "http_", "process_"]),
      (.decks, ["decks_", "cards_", "learn_", "pool_", "outbox_", "http_", "process_"]),
      (.teaching, ["teaching_", "pool_", "outbox_", "http_", "process_"]),
      (.auth, ["auth_", "pool_", "http_", "process_"]),
      (.gateway, ["gateway_", "http_connections", "process_"]),
    ] as [(RunningPlatform.Role, [String])] {
      let text = try await platform.ask(role, "GET", "/metrics").text
      try Promtool.succeeds(["check", "metrics"], input: text)
      let shown = MetricsCatalogue.shown(text, of: role.rawValue)
      let documented = try MetricsCatalogue.documented()
      for (metric, labels) in shown { #expect(documented[metric] == labels, "\(role): \(metric)") }
      let missing = documented.keys.filter { metric in
        prefixes.contains(where: metric.name.hasPrefix) && shown[metric] == nil
      }
      #expect(missing.map(\.name).filter { !Self.trouble.contains($0) }.sorted() == [], "\(role)")
    }
  }

  /// Something of everything that is counted by labels.
  private func live(_ platform: RunningPlatform) async throws {
    let token = try await platform.register("anna")
    let bearer = ["Authorization": "Bearer \(token)"]
    func ask(_ path: String, _ body: String) async throws -> RunningPlatform.Answer {
      try await platform.ask(.gateway, "POST", path, body, headers: bearer)
    }
    let deck = try await ask("/decks/decks/", #"{"title": "T"}"#).member("id")
    #expect(try await ask("/decks/deck/\(deck)/cards", #"{"front_text": "f", "back_text": "b"}"#).status == 201)
    let session = try await ask("/decks/learn/deck/\(deck)/sessions", #"{"mode": "all"}"#).member("id")
    #expect(try await ask("/decks/learn/sessions/\(session)/finish", "{}").status == 200)
    let course = try await ask("/teaching/courses/", #"{"title": "T"}"#).member("id")
    // Teaching asks users who that is.
    let enrolled = try await ask(
      "/teaching/courses/\(course)/enrollments/batch", #"{"emails": ["anna@example.org", "nobody@example.org"]}"#)
    #expect(enrolled.text.contains(#""result":"enrolled""#) && enrolled.text.contains(#""result":"unknown""#))
    let inside = try await platform.ask(.gateway, "POST", "/teaching/internal/export", #"{"user_id": 1}"#)
    #expect(inside.status == 404)
    for role in [RunningPlatform.Role.users, .decks, .teaching, .auth] {
      #expect(try await platform.ask(role, "GET", "/api/nowhere").status == 404)
    }
  }
}
