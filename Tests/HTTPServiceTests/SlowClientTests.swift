import Foundation
import HTTPService
import Loopback
import Telemetry
import Testing

/// Clients that keep a connection without doing their part. What comes first, the close or the 20 s of the client's own
/// patience, is what is tested; how long it took is not.
@Suite(.timeLimit(.minutes(1))) struct SlowClientTests {
  private static let whole = "GET /plain HTTP/1.1\r\nHost: test\r\n\r\n"

  private func limits<Value>(_ limit: WritableKeyPath<ConnectionLimits, Value>, _ value: Value) -> ConnectionLimits {
    var limits = ConnectionLimits()
    limits[keyPath: limit] = value
    return limits
  }

  @Test(arguments: ["", "GET /pla", "GET /plain HTTP/1.1\r\nHost: te"]) func halfAHead(text: String) async throws {
    let metrics = MetricsRegistry()
    try await LiveRole.serve(limits: limits(\.headTimeout, .milliseconds(200)), metrics: metrics) { port in
      let client = try RawConnection(port: port)
      client.send(text)
      #expect(try await client.untilClosed() == "")
      // The close is seen from outside before it is counted.
      let closed = "http_connections_closed_total{reason=\"head\"} 1\n"
      for _ in 0..<1000 where !metrics.exposition().contains(closed) { try await Task.sleep(for: .milliseconds(10)) }
      #expect(metrics.exposition().contains(closed))
    }
  }

  @Test func halfAHeadOfALaterRequest() async throws {
    try await LiveRole.serve(limits: limits(\.headTimeout, .milliseconds(500))) { port in
      let client = try RawConnection(port: port)
      client.send(Self.whole)
      #expect(try await client.received().hasPrefix("HTTP/1.1 200"))
      client.send("GET /pla")
      #expect(try await client.untilClosed() != nil)
    }
  }

  @Test func halfABody() async throws {
    try await LiveRole.serve(limits: limits(\.bodyTimeout, .milliseconds(200))) { port in
      let client = try RawConnection(port: port)
      client.send("POST /body HTTP/1.1\r\nHost: test\r\nContent-Length: 100\r\n\r\nhalf")
      #expect(try await client.untilClosed() != nil)
    }
  }

  @Test func silenceBetweenRequests() async throws {
    try await LiveRole.serve(limits: limits(\.idleTimeout, .milliseconds(200))) { port in
      let client = try RawConnection(port: port)
      client.send(Self.whole)
      let answer = try await client.untilClosed()
      #expect(answer?.hasSuffix("plain") == true)
    }
  }

  @Test func anAnswerThatNobodyReads() async throws {
    let metrics = MetricsRegistry()
    try await LiveRole.serve(limits: limits(\.writeTimeout, .milliseconds(200)), metrics: metrics) { port in
      let client = try RawConnection(port: port, receiveBytes: 4096)
      client.send("GET /large HTTP/1.1\r\nHost: test\r\n\r\n")
      let closed = "http_connections_closed_total{reason=\"write\"} 1\n"
      for _ in 0..<1000 where !metrics.exposition().contains(closed) { try await Task.sleep(for: .milliseconds(10)) }
      #expect(metrics.exposition().contains(closed))
    }
  }

  @Test func aLargeAnswerArrivesWhole() async throws {
    try await LiveRole.serve { port in
      let client = try RawConnection(port: port)
      client.send("GET /large HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n")
      let answer = try #require(try await client.untilClosed())
      #expect(answer.utf8.count > 64 << 20 && answer.utf8.suffix(64 << 20).allSatisfy { $0 == 65 })
    }
  }

  @Test func moreConnectionsThanAnAddressMayHave() async throws {
    let metrics = MetricsRegistry()
    try await LiveRole.serve(limits: limits(\.connectionsPerAddress, 2), metrics: metrics) { port in
      var clients = [try RawConnection(port: port), try RawConnection(port: port)]
      for client in clients {
        client.send(Self.whole)
        #expect(try await client.received().hasPrefix("HTTP/1.1 200"))
      }
      let refused = try await RawConnection(port: port).untilClosed()
      #expect(refused?.hasPrefix("HTTP/1.1 503") == true && refused?.contains("\r\nRetry-After: 1\r\n") == true)
      #expect(refused?.contains("too_many_connections") == true)
      clients.removeLast()
      // There is room again once the server has seen the other one leave.
      var answer = ""
      for _ in 0..<500 where !answer.hasPrefix("HTTP/1.1 200") {
        let client = try RawConnection(port: port)
        client.send(Self.whole)
        answer = try await client.received()
        try await Task.sleep(for: .milliseconds(10))
      }
      #expect(answer.hasPrefix("HTTP/1.1 200"))
    }
  }
}
