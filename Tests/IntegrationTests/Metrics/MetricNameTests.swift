import Foundation
import FoundationNetworking
import RealServers
import Testing

/// Metrics are what the page says, on a page and in alerts, in the sources and on the ports.
@Suite(.serialized) struct MetricNameTests {
  @Test func thePageNamesWhatTheProgramRegisters() throws {
    let documented = Set(try MetricsCatalogue.documented().keys)
    let registered = try MetricsCatalogue.registered()
    #expect(documented.subtracting(registered).sorted() == [], "on the page, but not in Sources")
    #expect(registered.subtracting(documented).sorted() == [], "in Sources, but not in docs/operations.md")
    #expect(registered.count > 20)
  }

  @Test func alertsUseWhatThereIs() throws {
    let documented = try MetricsCatalogue.documented()
    var known: Set<String> = []
    for metric in documented.keys {
      let names = metric.kind == "histogram" ? ["_bucket", "_sum", "_count"].map { metric.name + $0 } : [metric.name]
      known.formUnion(names)
      // The services' own begin with their names.
      guard metric.name.hasPrefix("http_"), metric.name != "http_connections" else { continue }
      for service in ["auth", "users", "decks", "teaching"] { known.formUnion(names.map { "\(service)_\($0)" }) }
    }
    for file in ["prometheus/alerts.yaml", "prometheus/alerts_test.yaml"] {
      // One rule for all services has their names as alternatives.
      let text = try MetricsCatalogue.text(file).replacing("(auth|users|decks|teaching)_", with: "")
      let name =
        #/\b(?:analytics|auth|cards|collector|decks|gateway|http|learn|outbox|pool|process|teaching|users)_[a-z_]+/#
      let used = Set(text.matches(of: name).map { String($0.output) })
      #expect(used.subtracting(known).sorted() == [], "\(file)")
    }
  }

  @Test(.timeLimit(.minutes(3))) func theCollectorShowsWhatThePageSays() async throws {
    let bench = try CollectorBench(topics: 1, partitions: 2)
    let collector = try bench.startCollector()
    for number in 0..<40 { try bench.send(SampleEvents.event(number), key: "\(number)") }
    try bench.send("poison", key: "1")
    try bench.send(nil as String?, key: "1")
    try bench.flush()
    #expect(bench.awaitRows(events: 40, deadLetters: 1), "\(collector.errors)")
    let port = try #require(collector.errors.firstMatch(of: #/"port":"(\d+)"/#)?.1)
    var text = ""
    // Rows can be seen a moment before they are counted.
    for _ in 0..<100 {
      text = try await Self.get("http://127.0.0.1:\(port)/metrics")
      if text.contains("\ncollector_tombstones_total 1\n"), text.contains("malformed_json") { break }
      try await Task.sleep(for: .milliseconds(100))
    }
    try Promtool.succeeds(["check", "metrics"], input: text)
    try Self.compare(text, shows: ["collector_", "process_"])
    #expect(text.contains("\ncollector_ready 1\n"))
    #expect(text.contains("\ncollector_dead_letters_total{reason=\"malformed_json\"} 1\n"))
    #expect(text.contains("\ncollector_tombstones_total 1\n"))
    collector.signal(SIGTERM)
    #expect(collector.wait(seconds: 30) == 0)
  }

  @Test(.timeLimit(.minutes(1))) func analyticsShowsWhatThePageSays() async throws {
    let database = try TestDatabase()
    let service = try Kartoteka(
      ["analytics", "--port", "0"], environment: ["CLICKHOUSE_DATABASE": database.name, "LOG_FORMAT": "json"])
    #expect(eventually(within: 30) { service.errors.contains("\"url\"") })
    let url = try #require(service.errors.firstMatch(of: #/"url":"(http[^"]+)\/"/#)?.1)
    _ = try await Self.get("\(url)/health/ready")
    let text = try await Self.get("\(url)/metrics")
    try Promtool.succeeds(["check", "metrics"], input: text)
    try Self.compare(text, shows: ["analytics_", "http_", "process_"])
    #expect(text.contains("http_requests_total{method=\"GET\",route=\"/health/ready\",status=\"200\"} 1\n"))
    service.signal(SIGTERM)
    #expect(service.wait(seconds: 30) == 0)
  }

  /// All that is shown is on the page with its kind and labels; all of the page is shown, but what only trouble brings.
  private static func compare(_ text: String, shows prefixes: [String]) throws {
    let documented = try MetricsCatalogue.documented()
    let shown = MetricsCatalogue.shown(text)
    for (metric, labels) in shown { #expect(documented[metric] == labels, "\(metric)") }
    let trouble = [
      "http_connections_closed_total", "http_failures_total",
      "collector_retries_total", "collector_broker_errors_total", "collector_reconciled_total",
      "collector_recovered_days_total",
      "collector_repeated_events_total", "collector_messages_lost_total",
    ]
    let missing = documented.keys.filter { metric in
      prefixes.contains(where: metric.name.hasPrefix) && shown[metric] == nil && !trouble.contains(metric.name)
    }
    #expect(missing.sorted() == [])
  }

  private static func get(_ url: String) async throws -> String {
    let (data, response) = try await URLSession.shared.data(from: try #require(URL(string: url)))
    #expect((response as? HTTPURLResponse)?.statusCode == 200, "\(url)")
    return String(decoding: data, as: UTF8.self)
  }
}
