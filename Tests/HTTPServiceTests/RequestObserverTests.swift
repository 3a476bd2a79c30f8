import HTTPService
import Loopback
import Telemetry
import Testing

/// However an answer ends, its request is not counted as in flight for ever.
@Suite(.timeLimit(.minutes(1))) struct RequestObserverTests {
  @Test(arguments: [
    ("GET", "/streamed", 200), ("HEAD", "/streamed", 200), ("GET", "/broken", 200), ("GET", "/failed", 500),
    ("GET", "/plain", 200), ("HEAD", "/plain", 200), ("GET", "/nowhere", 404),
  ]) func nothingLeaks(method: String, path: String, status: Int) async throws {
    let metrics = MetricsRegistry()
    try await LiveRole.serve(metrics: metrics) { port in
      let client = try RawConnection(port: port)
      client.send("\(method) \(path) HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n")
      _ = try await client.untilClosed()
      // The answer is there before the server has let go of it.
      let ended = {
        metrics.exposition().contains("\nhttp_requests_in_flight 0\n")
          && metrics.exposition().contains("status=\"\(status)\"} 1\n")
      }
      for _ in 0..<500 where !ended() { try await Task.sleep(for: .milliseconds(10)) }
      #expect(ended(), "\(metrics.exposition())")
    }
  }

  @Test func aClientThatLeavesBeforeTheAnswer() async throws {
    let metrics = MetricsRegistry()
    try await LiveRole.serve(metrics: metrics) { port in
      for _ in 0..<20 {
        let client = try RawConnection(port: port)
        client.send("GET /streamed HTTP/1.1\r\nHost: test\r\n\r\n")
      }
      let ended = {
        metrics.exposition().contains("\nhttp_requests_in_flight 0\n")
          && metrics.exposition().contains("status=\"200\"}")
      }
      for _ in 0..<500 where !ended() { try await Task.sleep(for: .milliseconds(10)) }
      #expect(ended(), "\(metrics.exposition())")
    }
  }
}
