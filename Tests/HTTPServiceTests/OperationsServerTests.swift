import Foundation
import FoundationNetworking
import HTTPService
import Logging
import Telemetry
import Testing

@Suite struct OperationsServerTests {
  @Test func answersHealthAndMetrics() async throws {
    let metrics = MetricsRegistry()
    metrics.counter("c_total", help: "C.").increment()
    let (ports, announce) = AsyncStream<Int>.makeStream()
    let server = OperationsServer(
      host: "127.0.0.1", port: 0,
      checks: [HealthCheck("a") { .ready }, HealthCheck("b") { .notReady("no \"b\"") }],
      metrics: metrics, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
      onRunning: { announce.yield($0) })
    try await withThrowingTaskGroup { group in
      group.addTask { try await server.run() }
      let port = try #require(await ports.first { _ in true })
      #expect(try await Self.get(port, "/health/live").0 == 200)
      let (status, body) = try await Self.get(port, "/health/ready")
      #expect(status == 503)
      #expect(
        body == """
          {"status":"not_ready","checks":{"a":{"ready":true},"b":{"ready":false,"reason":"no \\"b\\""}}}

          """)
      #expect(try await Self.get(port, "/metrics").1.contains("c_total 1\n"))
      let (missing, error) = try await Self.get(port, "/nowhere")
      #expect(missing == 404 && error.contains("\"code\":\"not_found\"") && error.contains("\"request_id\""))
      group.cancelAll()
    }
  }

  @Test func saysWhenThePortIsTaken() async throws {
    let (ports, announce) = AsyncStream<Int>.makeStream()
    let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    try await withThrowingTaskGroup { group in
      group.addTask {
        try await OperationsServer(
          host: "127.0.0.1", port: 0, checks: [], metrics: MetricsRegistry(), logger: quiet,
          onRunning: { announce.yield($0) }
        ).run()
      }
      let port = try #require(await ports.first { _ in true })
      await #expect(throws: HTTPRole.StartFailure.self) {
        try await OperationsServer(
          host: "127.0.0.1", port: port, checks: [], metrics: MetricsRegistry(), logger: quiet
        ).run()
      }
      group.cancelAll()
    }
  }

  @Test func aStopOutlastsTheLongestRequest() {
    for seconds in [1, 20, 30] {
      let role = HTTPRole(
        host: "127.0.0.1", port: 0, longestRequest: .seconds(seconds), logger: Logger(label: "test"))
      #expect(role.stopDeadline > .seconds(seconds))
    }
  }

  private static func get(_ port: Int, _ path: String) async throws -> (Int, String) {
    let url = try #require(URL(string: "http://127.0.0.1:\(port)\(path)"))
    let (data, response) = try await URLSession.shared.data(from: url)
    return ((response as? HTTPURLResponse)?.statusCode ?? 0, String(decoding: data, as: UTF8.self))
  }
}
