import Analytics
import CivilTime
import Foundation
import JSON
import RealServers
import Testing

@Suite struct AnalyticsHTTPTests {
  private static let daily =
    #"{"metrics":["active_users","completion_rate"],"date_range":["2026-11-01","2026-11-03"],"dimensions":["time:day"],"include":{"totals":true,"compare":"previous_period","fill":true}}"#

  @Test func answersInTheContractsShapes() async throws {
    let bench = try await AnalyticsBench()
    try await bench.insertRandom(2_000)
    let numbers = try await bench.rows(
      """
      SELECT toDate(occurred_at) AS day, uniqExactIf(user_id, event_type IN ('learning_session_started',
        'learning_session_finished', 'card_answered', 'test_completed')),
        avgIf(completed, event_type = 'learning_session_finished')
      FROM events WHERE day BETWEEN '2026-11-01' AND '2026-11-03' GROUP BY day ORDER BY day
      """)
    try await LiveAnalytics.serve(bench) { live in
      let reply = try await live.query(Self.daily, headers: ["X-Request-Id": "abc-123"])
      #expect(reply.status == 200 && reply.headers["x-request-id"] == "abc-123")
      let json = try #require(reply.json)
      guard case .array(let results)? = json["results"] else { throw Failure(reply.text) }
      #expect(results.count == 3)
      for (result, row) in zip(results, numbers) {
        #expect(result["dimensions"] == .array([.string(row[0])]))
        guard case .array(let metrics)? = result["metrics"] else { throw Failure(reply.text) }
        #expect(metrics[0] == .number(row[1]))
        #expect(abs((metrics[1].asDouble ?? -1) - (Double(row[2]) ?? -2)) < 1e-9)
        #expect(result["comparison"]?["metrics"] != nil && result["comparison"]?["change"] != nil)
      }
      #expect(json["totals"] != nil && json["meta"]?["fresh_to"] != nil && json["meta"]?["next_cursor"] == .null)
      #expect(json["query"]?["timezone"] == .string("UTC"))

      let csv = try await live.query(Self.daily, headers: ["Accept": "text/csv"])
      let lines = csv.text.split(separator: "\r\n")
      #expect(lines.first == "time:day,active_users,completion_rate,previous_active_users,previous_completion_rate")
      #expect(lines.count == 4 && csv.headers["content-type"]?.hasPrefix("text/csv") == true)
      let ndjson = try await live.request("/api/v1/query?format=ndjson", body: Self.daily)
      let first = try JSONParser.parse(Array(ndjson.text.split(separator: "\n")[0].utf8))
      #expect(first["time:day"] == .string("2026-11-01") && first["active_users"] == .number(numbers[0][1]))
    }
  }

  @Test func refusesWithTheReason() async throws {
    let bench = try await AnalyticsBench()
    try await LiveAnalytics.serve(bench) { live in
      func code(_ reply: LiveAnalytics.Reply) -> String { reply.json?["error"]?["code"]?.text ?? reply.text }
      let unknown = try await live.query(#"{"metrics":["visits"],"date_range":"7d"}"#)
      #expect(unknown.status == 400 && code(unknown) == #""unknown_metric""#)
      #expect(unknown.json?["error"]?["path"] == .string("metrics[0]"))
      #expect(try await live.query("{").status == 400)
      #expect(try await live.query(String(repeating: " ", count: 70_000)).status == 413)
      let noKey = try await live.request("/api/v1/meta", headers: [:])
      #expect(noKey.status == 401 && code(noKey) == #""unauthorized""#)
      #expect(noKey.headers["www-authenticate"]?.hasPrefix("Bearer") == true)
      #expect(try await live.request("/api/v1/meta", headers: ["Authorization": "Bearer nonsense"]).status == 401)
      #expect(code(try await live.request("/api/v1/query?fromat=csv", body: Self.daily)) == #""unknown_parameter""#)
      #expect(code(try await live.request("/api/v1/query?format=xml", body: Self.daily)) == #""unknown_format""#)
      // Which of two was meant nobody knows.
      for path in ["/api/v1/query?format=csv&format=csv", "/api/v1/reports/overview?limit=&limit=5"] {
        let body = path.contains("query") ? Self.daily : nil
        #expect(code(try await live.request(path, body: body)) == #""invalid_value""#, "\(path)")
      }
      #expect(try await live.query(Self.daily, headers: ["Accept": "image/png"]).status == 406)
      #expect(code(try await live.request("/api/v1/reports/sales")) == #""unknown_report""#)
      #expect(code(try await live.request("/api/v1/reports/overview?date_range=1y")) == #""unknown_period""#)
      #expect(try await live.request("/api/v1/nothing").status == 404)
    }
  }

  @Test(.timeLimit(.minutes(1))) func aBodyThatBreaksOffIsNotTooLarge() async throws {
    let bench = try await AnalyticsBench()
    try await LiveAnalytics.serve(bench) { live in
      let head =
        "POST /api/v1/query HTTP/1.1\r\nHost: test\r\nAuthorization: Bearer \(LiveAnalytics.key)\r\nContent-Length: "
      let half = try RawExchange.answer(host: "127.0.0.1", port: live.port, to: Array((head + "100\r\n\r\n{").utf8))
      #expect(half.isEmpty || half.hasPrefix("HTTP/1.1 400"), "\(half)")
      let large = try RawExchange.answer(
        host: "127.0.0.1", port: live.port,
        to: Array((head + "70000\r\n\r\n").utf8) + [UInt8](repeating: 32, count: 70_000))
      #expect(large.hasPrefix("HTTP/1.1 413"), "\(large.prefix(200))")
      // However it went, it is over.
      for _ in 0..<500 {
        if try await live.request("/metrics").text.contains("\nhttp_requests_in_flight 1\n") { break }
        try await Task.sleep(for: .milliseconds(10))
      }
      let metrics = try await live.request("/metrics").text
      #expect(metrics.contains("\nhttp_requests_in_flight 1\n"), "this one only")
      #expect(metrics.contains("route=\"/api/v1/query\",status=\"400\"} 1\n"), "\(metrics)")
    }
  }

  @Test func tagsAnswersThatCanBeKept() async throws {
    let bench = try await AnalyticsBench()
    try await bench.insertRandom(500)
    try await LiveAnalytics.serve(bench) { live in
      for path in ["/api/v1/meta", "/api/v1/reports/overview?date_range=2026-11-01,2026-11-07", "/", "/assets/main.js"]
      {
        let first = try await live.request(path)
        let tag = try #require(first.headers["etag"], "\(path)")
        let second = try await live.request(
          path, headers: ["If-None-Match": tag, "Authorization": "Bearer \(LiveAnalytics.key)"])
        #expect(second.status == 304 && second.text.isEmpty, "\(path)")
      }
    }
  }

  @Test func theOverviewSaysWhatItsQueriesSay() async throws {
    let bench = try await AnalyticsBench()
    try await bench.insertRandom(2_000)
    try await LiveAnalytics.serve(bench) { live in
      let path =
        "/api/v1/reports/overview?date_range=2026-10-25,2026-11-20&timezone=Europe/Berlin&compare=previous_period"
      let report = try #require(try await live.request(path).json?["panels"])
      for panel in ["kpis", "series", "top_decks", "top_courses"] {
        let shown = try #require(report[panel])
        let query = try #require(shown["query"])
        let asked = try #require(try await live.query(query.text).json)
        #expect(shown["results"] == asked["results"], "\(panel)")
        let csv = try await live.request("\(path)&panel=\(panel)&format=csv")
        guard case .array(let results)? = shown["results"] else { throw Failure("\(panel) has no results") }
        #expect(csv.text.split(separator: "\r\n").count == results.count + 1)
      }
      #expect(report["series"]?["results"].map { if case .array(let rows) = $0 { rows.count } else { 0 } } == 27)
    }
  }

  @Test func readsAsTheReaderUnderTheRequestsId() async throws {
    let bench = try await AnalyticsBench()
    try await bench.insertRandom(100)
    let id = "test-\(UUID().uuidString)"
    try await LiveAnalytics.serve(bench) { live in
      let reply = try await live.query(Self.daily, headers: ["X-Request-Id": id])
      #expect(reply.status == 200)
    }
    try await bench.rows("SYSTEM FLUSH LOGS")
    let seen = try await bench.rows(
      """
      SELECT DISTINCT user, log_comment, startsWith(query_id, '\(id)') FROM system.query_log
      WHERE log_comment = '\(id)' AND type = 'QueryFinish'
      """)
    #expect(seen == [["analytics_reader", id, "1"]])
  }

  @Test(.timeLimit(.minutes(1))) func aQueryEndsAtItsDeadlineOrWithItsClient() async throws {
    let bench = try await AnalyticsBench()
    // A view in the table's place that takes its time: half a minute of hashing.
    try await bench.rows("RENAME TABLE events TO events_kept")
    let hashed = (0..<16).reduce("toString(kafka_offset)") { text, _ in "SHA512(\(text))" }
    try await bench.rows("CREATE VIEW events AS SELECT * FROM events_kept WHERE cityHash64(\(hashed)) != 1")
    try await bench.rows(
      """
      INSERT INTO events_kept (event_type, occurred_at, kafka_offset)
      SELECT 'user_logged_in', '2026-11-02 00:00:00', number FROM numbers(4000000)
      """)
    let query = #"{"metrics":["avg_score","logins"],"date_range":["2026-11-01","2026-11-03"]}"#
    try await LiveAnalytics.serve(bench) { live in
      let late = try await live.query(query, headers: ["X-Request-Timeout-Ms": "1500"])
      #expect(late.status == 504, "\(late.text)")
      let id = "test-\(UUID().uuidString)"
      let asking = Task { try await live.query(query, headers: ["X-Request-Id": id]) }
      let running = "SELECT count() FROM system.processes WHERE startsWith(query_id, '\(id)')"
      for _ in 0..<50 where try await bench.rows(running) == [["0"]] { try await Task.sleep(for: .milliseconds(100)) }
      #expect(try await bench.rows(running) != [["0"]])
      asking.cancel()
      for _ in 0..<50 where try await bench.rows(running) != [["0"]] { try await Task.sleep(for: .milliseconds(100)) }
      #expect(try await bench.rows(running) == [["0"]])
    }
  }
}
