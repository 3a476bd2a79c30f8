import Analytics
import Foundation
import HTTPServiceTesting
import JSON
import Settings
import Testing

/// What the analytics service says of itself, held against what it answers over real rows.
@Suite struct AnalyticsDocumentTests {
  private static func client(_ bench: AnalyticsBench) throws -> RouterClient<AnalyticsContext> {
    let service = AnalyticsService(
      warehouse: bench.warehouse, probe: bench.warehouse, keys: try ServiceKeys(Settings(environment: [:])))
    return RouterClient(service.router(), of: service.api)
  }

  private static let key = ["Authorization": "Bearer local-dashboard-key"]

  @Test func theDocumentNeedsNoKeyAndKeepsTheRules() async throws {
    let client = try Self.client(try await AnalyticsBench())
    let document = try #require(try await client.send("GET", "/api/openapi.json").json)
    #expect(DocumentCheck(document).problems == [])
    #expect(document["paths"]?.members.map(\.name) == ["/v1/query", "/v1/meta", "/v1/reports/overview"])
    #expect(document["paths"]?["/v1/meta"]?["get"]?["security"]?.text == #"[{"key":[]}]"#)
    #expect(try await client.send("GET", "/api/docs").text.contains("swagger-ui"))
    #expect(try await client.send("GET", "/api/docs/swagger-ui-bundle.js").text.utf8.count > 1_000_000)
  }

  /// The client itself refuses an answer that is not as declared.
  @Test func answersAreAsDeclared() async throws {
    let bench = try await AnalyticsBench()
    try await bench.insertRandom(500)
    let client = try Self.client(bench)
    let query =
      #"{"metrics":["active_users","avg_score"],"date_range":["2026-11-01","2026-11-03"],"dimensions":["time:day","deck_id"],"include":{"totals":true,"compare":"previous_period","fill":true},"limit":5,"filters":null}"#
    let answer = try await client.send("POST", "/api/v1/query", query, headers: Self.key)
    #expect(
      answer.status == 200 && answer.json?["totals_comparison"] != nil && answer.json?["meta"]?["compared_with"] != nil)
    for (path, status) in [
      ("meta", 200), ("meta?x=1", 400), ("reports/overview?date_range=2026-11-01,2026-11-07", 200),
      ("reports/overview?date_range=2026-11-01,2026-11-07&panel=kpis&format=csv", 200),
      ("reports/overview?panel=x", 400),
      ("reports/overview?interval=x", 400), ("reports/overview?limit=x", 400), ("query", 400), ("query?query=%7B", 400),
      ("query?format=xml&query=\(Self.escaped(query))", 400), ("query?format=ndjson&query=\(Self.escaped(query))", 200),
      ("query?query=\(Self.escaped(query))", 200),
    ] {
      let answer = try await client.send("GET", "/api/v1/\(path)", headers: Self.key)
      #expect(answer.status == status, "\(path) \(answer.text.prefix(500))")
    }
    for (body, code) in [
      ("{", "malformed_json"), ("{}", "missing_field"), (#"{"metrics":5,"date_range":"7d"}"#, "wrong_type"),
      (#"{"metrics":["x"],"date_range":"7d"}"#, "unknown_metric"),
      (#"{"metrics":["logins"],"date_range":"7d","dimensions":["x"]}"#, "unknown_dimension"),
      (#"{"metrics":["logins"],"date_range":"8d"}"#, "unknown_period"),
      (#"{"metrics":["logins"],"date_range":"7d","timezone":"x"}"#, "unknown_timezone"),
      (#"{"metrics":["logins"],"date_range":"7d","order_by":[["x","asc"]]}"#, "unknown_order_term"),
      (#"{"metrics":["logins"],"date_range":"7d","include":{"compare":"x"}}"#, "unknown_comparison"),
      (#"{"metrics":["logins"],"date_range":"7d","filters":[["is","x",[1]]]}"#, "unknown_filter_field"),
      (#"{"metrics":["logins"],"date_range":"7d","x":1}"#, "unknown_field"),
    ] {
      let answer = try await client.send("POST", "/api/v1/query", body, headers: Self.key)
      #expect(answer.status == 400 && answer.code == code, "\(body) \(answer.text)")
    }
    #expect(try await client.send("GET", "/api/v1/meta").status == 401)
    let image = try await client.send(
      "POST", "/api/v1/query", query, headers: Self.key.merging(["Accept": "image/png"]) { $1 })
    #expect(image.status == 406)
    let large = String(repeating: " ", count: 70_000)
    #expect(try await client.send("POST", "/api/v1/query", large, headers: Self.key).status == 413)
  }

  private static func escaped(_ text: String) -> String {
    text.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
  }
}
