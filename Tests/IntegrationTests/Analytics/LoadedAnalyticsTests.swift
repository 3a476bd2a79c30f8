import Analytics
import Foundation
import FoundationNetworking
import Testing

/// More questions at once than can be answered one after the other: a small edition of `make load-test`.
@Suite(.timeLimit(.minutes(3))) struct LoadedAnalyticsTests {
  private struct Outcome: Sendable {
    let reply: LiveAnalytics.Reply
    let elapsed: Duration
  }

  /// A view in the table's place that makes each statement hash as many rows as it reads.
  private func slowBench(rows: Int) async throws -> AnalyticsBench {
    let bench = try await AnalyticsBench()
    try await bench.insertRandom(rows)
    try await bench.rows("RENAME TABLE events TO events_kept")
    let hashed = (0..<16).reduce("toString(session_id)") { text, _ in "SHA512(\(text))" }
    try await bench.rows("CREATE VIEW events AS SELECT * FROM events_kept WHERE cityHash64(\(hashed)) != 1")
    return bench
  }

  /// A zone of half hours: only the raw events answer for it.
  private func overview(_ first: String, _ last: String) -> String {
    "/api/v1/reports/overview?date_range=\(first),\(last)&timezone=Asia/Kolkata"
  }

  private func askAtOnce(
    _ paths: [String], _ live: LiveAnalytics, within milliseconds: Int, id: String
  ) async throws -> [Outcome] {
    let configuration = URLSessionConfiguration.ephemeral
    configuration.httpMaximumConnectionsPerHost = paths.count
    configuration.timeoutIntervalForRequest = 120
    let session = URLSession(configuration: configuration)
    return try await withThrowingTaskGroup(of: Outcome.self) { group in
      for (number, path) in paths.enumerated() {
        group.addTask {
          let start = ContinuousClock.now
          let reply = try await live.request(
            path,
            headers: [
              "Authorization": "Bearer \(LiveAnalytics.key)", "X-Request-Timeout-Ms": "\(milliseconds)",
              "X-Request-Id": "\(id)-\(number)",
            ], session: session)
          return Outcome(reply: reply, elapsed: .now - start)
        }
      }
      return try await group.reduce(into: []) { $0.append($1) }
    }
  }

  private func metric(_ name: String, _ live: LiveAnalytics) async throws -> Int {
    let text = try await live.request("/metrics").text
    return text.split(separator: "\n").first { $0.hasPrefix(name + " ") }.flatMap { Int($0.dropFirst(name.count + 1)) }
      ?? -1
  }

  @Test func equalQuestionsShareTheirStatements() async throws {
    let bench = try await slowBench(rows: 50_000)
    let id = "test-\(UUID().uuidString)"
    try await LiveAnalytics.serve(bench) { live in
      let paths = [String](repeating: overview("2026-10-01", "2026-11-20"), count: 60)
      let outcomes = try await askAtOnce(paths, live, within: 20_000, id: id)
      #expect(outcomes.allSatisfy { $0.reply.status == 200 }, "\(outcomes.map(\.reply.status))")
      #expect(Set(outcomes.map { $0.reply.json?["panels"]?["kpis"]?["results"]?.text ?? "" }).count == 1)
      #expect(try await metric("analytics_statements_shared_total", live) > 0)
      #expect(try await metric("analytics_late_answers_total", live) == 0)
    }
    try await bench.rows("SYSTEM FLUSH LOGS")
    let sent = try await bench.rows(
      "SELECT count() FROM system.query_log WHERE type = 'QueryStart' AND startsWith(log_comment, '\(id)')")
    // Five for one overview, and again for those that came when the first were done: but not five for each of 60.
    let count = try #require(Int(sent[0][0]))
    #expect((5...60).contains(count), "\(count) statements")
  }

  @Test func otherQuestionsAreAnsweredOrRefusedButNotLate() async throws {
    let bench = try await slowBench(rows: 50_000)
    let limit = 4_000
    let id = "test-\(UUID().uuidString)"
    try await LiveAnalytics.serve(bench) { live in
      let paths = (0..<80).map { overview("2026-10-\(10 + $0 % 20)", "2026-11-\(10 + $0 / 20)") }
      let outcomes = try await askAtOnce(paths, live, within: limit, id: id)
      // An answer may be under way when the deadline comes; a machine that tests other things too may take its time.
      let slowest = outcomes.map(\.elapsed).max() ?? .zero
      #expect(slowest < .milliseconds(limit) + .seconds(4), "\(slowest)")
      let byStatus = Dictionary(grouping: outcomes, by: \.reply.status).mapValues(\.count)
      #expect(Set(byStatus.keys).isSubset(of: [200, 503, 504]), "\(byStatus)")
      #expect((byStatus[200] ?? 0) > 0 && (byStatus[503] ?? 0) > 0, "\(byStatus)")
      for outcome in outcomes where outcome.reply.status == 503 {
        #expect(outcome.reply.headers["retry-after"].flatMap { Int($0) } ?? 0 > 0)
        #expect(outcome.reply.json?["error"]?["code"] == .string("overloaded"))
      }
      // Nothing goes on when nobody waits.
      let running = "SELECT count() FROM system.processes WHERE startsWith(query_id, '\(id)')"
      for _ in 0..<100 where try await bench.rows(running) != [["0"]] { try await Task.sleep(for: .milliseconds(100)) }
      #expect(try await bench.rows(running) == [["0"]])
    }
    try await bench.rows("SYSTEM FLUSH LOGS")
    let longest = try await bench.rows(
      "SELECT max(query_duration_ms) FROM system.query_log WHERE type != 'QueryStart' AND startsWith(log_comment, '\(id)')"
    )
    #expect(try #require(Int(longest[0][0])) < limit + 2_000, "no statement runs past the deadline")
  }
}
