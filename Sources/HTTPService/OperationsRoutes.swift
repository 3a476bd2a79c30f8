import HTTPTypes
import Hummingbird
import JSON
import Telemetry

/// `/health/live`, `/health/ready` and `/metrics`, for any router.
package struct OperationsRoutes: Sendable {
  private let checks: [HealthCheck]
  private let metrics: MetricsRegistry

  package init(checks: [HealthCheck], metrics: MetricsRegistry) {
    self.checks = checks
    self.metrics = metrics
  }

  package func add(to router: Router<some RequestContext>) {
    router.get("/health/live") { _, _ in Self.json(.ok, "{\"status\":\"live\"}\n") }
    router.get("/health/ready") { _, _ in await readiness() }
    router.get("/metrics") { _, _ in
      Response(
        status: .ok, headers: [.contentType: "text/plain; version=0.0.4; charset=utf-8"],
        body: .init(byteBuffer: ByteBuffer(string: metrics.exposition())))
    }
  }

  private func readiness() async -> Response {
    let outcomes = await withTaskGroup(of: (Int, HealthCheck.Outcome).self) { group in
      for (index, check) in checks.enumerated() {
        group.addTask { (index, await check.outcome(within: .seconds(3))) }
      }
      return await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
    }
    var ready = true
    var lines: [String] = []
    for (index, check) in checks.enumerated() {
      let name = JSONText.quoted(check.name)
      switch outcomes[index] ?? .ready {
      case .ready: lines.append("\(name):{\"ready\":true}")
      case .notReady(let reason):
        ready = false
        lines.append("\(name):{\"ready\":false,\"reason\":\(JSONText.quoted(reason))}")
      }
    }
    let body = "{\"status\":\"\(ready ? "ready" : "not_ready")\",\"checks\":{\(lines.joined(separator: ","))}}\n"
    return Self.json(ready ? .ok : .serviceUnavailable, body)
  }

  private static func json(_ status: HTTPResponse.Status, _ body: String) -> Response {
    Response(
      status: status, headers: [.contentType: "application/json; charset=utf-8", .cacheControl: "no-store"],
      body: .init(byteBuffer: ByteBuffer(string: body)))
  }
}
