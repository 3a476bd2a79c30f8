import Foundation
import Gateway
import Loopback
import Synchronization
import Testing

/// Services that misbehave: each cause has its status, and its name in body, log and metric.
@Suite(.serialized, .timeLimit(.minutes(3))) struct UpstreamFailureTests {
  private static func options(_ url: String) -> LiveGateway.Options { .init(upstreams: [.decks: url]) }

  private func expect(
    _ gateway: LiveGateway, _ answer: RawAnswer, _ status: Int, _ code: String, _ cause: UpstreamFailure
  ) {
    #expect(answer.status == status && answer.code == code && answer.cause == cause.rawValue, "\(answer.text)")
    #expect((answer.values("retry-after") != []) == (status == 503))
    #expect(
      gateway.log.all.contains {
        $0.contains("\"cause\":\"\(cause.rawValue)\"") && $0.contains("\"status\":\"\(status)\"")
      })
    let metrics = gateway.metrics.exposition()
    #expect(
      metrics.contains("gateway_upstream_errors_total{cause=\"\(cause.rawValue)\",upstream=\"decks\"}"), "\(metrics)")
    #expect(!metrics.contains("{cause=\"\(cause.rawValue)\",upstream=\"decks\"} 0\n"))
    #expect(metrics.contains("gateway_http_requests_total{route=\"decks\",status=\"\(status)\"} "))
    // Nothing of where it is.
    #expect(!answer.text.contains("127.0.0.1"))
  }

  @Test func nobodyIsThere() async throws {
    let upstream = TestUpstream { _, _ in .answer(TestUpstream.ok()) }
    upstream.stop()
    try await LiveGateway.run(Self.options(upstream.url)) { gateway in
      expect(gateway, try await gateway.get("/decks/x"), 503, "UPSTREAM_UNREACHABLE", .connect)
      #expect(gateway.log.all.contains { $0.contains("\"tries\":\"2\"") }, "asked once more")
      let post = try await gateway.ask("POST /decks/x HTTP/1.1\r\nHost: test\r\nContent-Length: 0\r\n\r\n")
      #expect(post.status == 503)
      #expect(gateway.log.all.last?.contains("\"tries\":\"1\"") == true, "but what is not idempotent is not")
    }
  }

  @Test func theConnectionBreaks() async throws {
    for reply in [
      TestUpstream.Reply.reset, .close, .last("HTTP/1.1 200 OK\r\nContent-Le"), .last("SSH-2.0-no HTTP\r\n\r\n"),
    ] {
      let upstream = TestUpstream { _, _ in reply }
      try await LiveGateway.run(Self.options(upstream.url)) { gateway in
        expect(gateway, try await gateway.get("/decks/x"), 502, "UPSTREAM_RESET", .reset)
        #expect(upstream.received.count == 2, "asked once more, on a new connection")
        let post = try await gateway.ask("POST /decks/x HTTP/1.1\r\nHost: test\r\nContent-Length: 2\r\n\r\nhi")
        #expect(post.status == 502 && upstream.received.count == 3)
      }
    }
  }

  @Test func noHeadComes() async throws {
    let upstream = TestUpstream { _, _ in .hang }
    var options = Self.options(upstream.url)
    (options.times.perTry, options.times.total) = (.milliseconds(300), .milliseconds(800))
    try await LiveGateway.run(options) { gateway in
      let post = try await gateway.ask("POST /decks/x HTTP/1.1\r\nHost: test\r\nContent-Length: 0\r\n\r\n")
      expect(gateway, post, 504, "UPSTREAM_TIMEOUT", .timeoutHead)
      #expect(upstream.received.count == 1)
      #expect(try await gateway.get("/decks/x").status == 504)
      #expect(upstream.received.count == 3, "per try and in all")
      for _ in 0..<100 where upstream.open > 0 { try await Task.sleep(for: .milliseconds(10)) }
      #expect(upstream.open == 0, "a connection on which an answer may still come is not used again")
    }
  }

  @Test func theAnswerStopsInTheMiddle() async throws {
    let upstream = TestUpstream { _, _ in
      .stream { send in
        _ = send("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf")
        usleep(5_000_000)
      }
    }
    var options = Self.options(upstream.url)
    options.times.bodyIdle = .milliseconds(300)
    try await LiveGateway.run(options) { gateway in
      let connection = try gateway.connect()
      connection.send("GET /decks/x HTTP/1.1\r\nHost: test\r\n\r\n")
      let text = try #require(try await connection.untilClosed(), "cut, so that nobody takes it for whole")
      #expect(text.hasPrefix("HTTP/1.1 200") && text.hasSuffix("half"))
      #expect(gateway.log.all.contains { $0.contains("\"cause\":\"timeout_idle\"") })
      #expect(gateway.metrics.exposition().contains("{cause=\"timeout_idle\",upstream=\"decks\"} 1\n"))
    }
  }

  @Test func anAnswerThatBreaksOffIsNotMadeWhole() async throws {
    let upstream = TestUpstream { received, _ in
      received.line.contains("chunked")
        ? .last("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n")
        : .last("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf")
    }
    try await LiveGateway.run(Self.options(upstream.url)) { gateway in
      for path in ["/decks/chunked", "/decks/length"] {
        let connection = try gateway.connect()
        connection.send("GET \(path) HTTP/1.1\r\nHost: test\r\n\r\n")
        let text = try #require(try await connection.untilClosed())
        #expect(text.contains("half") && !text.hasSuffix("0\r\n\r\n"))
      }
      #expect(upstream.received.count == 2, "an answer that has begun is not asked for again")
    }
  }

  @Test func itIsNotAskedWhenItFailsAndAskedAgainWhenItMayNot() async throws {
    let isWell = Mutex(false)
    let upstream = TestUpstream { _, _ in isWell.withLock { $0 } ? .answer(TestUpstream.ok()) : .close }
    try await LiveGateway.run(Self.options(upstream.url)) { gateway in
      let post = "POST /decks/x HTTP/1.1\r\nHost: test\r\nContent-Length: 0\r\n\r\n"
      for _ in 0..<20 { #expect(try await gateway.ask(post).status == 502) }
      let asked = upstream.received.count
      expect(gateway, try await gateway.ask(post), 503, "UPSTREAM_UNAVAILABLE", .breaker)
      #expect(upstream.received.count == asked)
      #expect(gateway.metrics.exposition().contains("gateway_breaker_state{upstream=\"decks\"} 2\n"))
      // Others are asked.
      #expect(try await gateway.get("/auth/x").status == 200)
      isWell.withLock { $0 = true }
      var statuses: [Int] = []
      for _ in 0..<100 {
        statuses.append(try await gateway.get("/decks/x").status)
        if statuses.last == 200 { break }
        try await Task.sleep(for: .milliseconds(50))
      }
      #expect(statuses.last == 200)
      #expect(gateway.metrics.exposition().contains("gateway_breaker_state{upstream=\"decks\"} 0\n"))
    }
  }

  @Test func soManyWaitAndNoMore() async throws {
    let upstream = TestUpstream { received, _ in received.line.contains("quick") ? .answer(TestUpstream.ok()) : .hang }
    var options = Self.options(upstream.url)
    (options.connections, options.times.pending, options.limits) = (1, .seconds(30), .init(connectionsPerAddress: 800))
    try await LiveGateway.run(options) { gateway in
      // One connection of each event loop is busy, and then as many wait as may.
      let count = Upstream.mostPending + 40
      let connections = try (0..<count).map { _ in try gateway.connect() }
      for connection in connections { connection.send("GET /decks/slow HTTP/1.1\r\nHost: test\r\n\r\n") }
      var saturated: [RawAnswer] = []
      for connection in connections {
        let text = try await connection.received(within: .milliseconds(5))
        if let text { saturated.append(RawAnswer(text: text)) }
      }
      #expect(saturated.count >= 10)
      expect(gateway, try #require(saturated.first), 503, "UPSTREAM_SATURATED", .saturated)
    }
  }

  @Test func aConnectionThatWasClosedMeanwhileCostsATryAndNothingElse() async throws {
    // Each connection serves one request, and closes when the second one comes.
    let uses = Mutex<[Int: Int]>([:])
    let upstream = TestUpstream { received, _ in
      let count = uses.withLock { uses in
        uses[received.connection, default: 0] += 1
        return uses[received.connection]!
      }
      return count == 1 ? .answer(TestUpstream.ok()) : .close
    }
    try await LiveGateway.run(Self.options(upstream.url)) { gateway in
      for _ in 0..<30 { #expect(try await gateway.get("/decks/x").status == 200) }
      // That is no failure of the service.
      #expect(gateway.metrics.exposition().contains("gateway_breaker_state{upstream=\"decks\"} 0\n"))
      #expect(gateway.metrics.exposition().contains("gateway_upstream_retries_total{upstream=\"decks\"} 2"))
      // What is not idempotent may have been done.
      let post = try await gateway.ask("POST /decks/x HTTP/1.1\r\nHost: test\r\nContent-Length: 0\r\n\r\n")
      #expect([200, 502].contains(post.status))
    }
  }

  @Test func whatItKeepsOpenForNobodyIsClosed() async throws {
    let upstream = TestUpstream { _, _ in .answer(TestUpstream.ok()) }
    var options = Self.options(upstream.url)
    options.times.poolIdle = .milliseconds(300)
    try await LiveGateway.run(options) { gateway in
      #expect(try await gateway.get("/decks/x").status == 200)
      #expect(upstream.open == 1)
      for _ in 0..<200 where upstream.open > 0 { try await Task.sleep(for: .milliseconds(10)) }
      #expect(upstream.open == 0)
      #expect(gateway.metrics.exposition().contains("gateway_upstream_connections{upstream=\"decks\"} 0\n"))
      #expect(try await gateway.get("/decks/x").status == 200)
    }
  }

  /// Nobody waits for it any more: the service is told by the end of its connection.
  @Test func whoLeavesTakesTheQuestionAlong() async throws {
    let upstream = TestUpstream { _, _ in .hang }
    try await LiveGateway.run(Self.options(upstream.url)) { gateway in
      for leaves in [{ (c: RawConnection) in c.finish() }, { $0.reset() }] as [@Sendable (RawConnection) -> Void] {
        let before = upstream.received.count
        let connection = try gateway.connect()
        connection.send("GET /decks/x HTTP/1.1\r\nHost: test\r\n\r\n")
        for _ in 0..<200 where upstream.received.count == before { try await Task.sleep(for: .milliseconds(10)) }
        leaves(connection)
        for _ in 0..<200 where upstream.open > 0 { try await Task.sleep(for: .milliseconds(10)) }
        #expect(upstream.open == 0)
      }
      #expect(gateway.log.all.filter { $0.contains("\"status\":\"499\"") }.count == 2)
      #expect(gateway.metrics.exposition().contains("{cause=\"reset\",upstream=\"decks\"} 0\n"))
    }
  }
}
