import Foundation
import Gateway
import HTTPService
import Loopback
import Synchronization
import Testing

/// Bodies go through in pieces, as fast as the slower side takes them.
@Suite(.serialized, .timeLimit(.minutes(3))) struct StreamingTests {
  private static func options(_ upstream: TestUpstream) -> LiveGateway.Options {
    .init(upstreams: [.decks: upstream.url])
  }

  @Test func aLargeUploadArrivesWhole() async throws {
    let upstream = TestUpstream { received, _ in
      .answer(TestUpstream.ok("\(received.body.count) \(received.body.reduce(0) { $0 &+ Int($1) })"))
    }
    try await LiveGateway.run(Self.options(upstream)) { gateway in
      let body = String(repeating: "0123456789abcdef", count: 1 << 18)
      let sum = body.utf8.reduce(0) { $0 &+ Int($1) }
      let answer = try await Self.upload(gateway, "Content-Length: \(body.utf8.count)\r\n", body)
      #expect(answer.body == "\(body.utf8.count) \(sum)")
      let chunks = "100000\r\n\(body.prefix(1 << 20))\r\n5;extension=x\r\nhello\r\n0\r\nTrailer: dropped\r\n\r\n"
      let chunked = try await Self.upload(gateway, "Transfer-Encoding: chunked\r\n", chunks)
      #expect(chunked.body.hasPrefix("\((1 << 20) + 5) "))
      #expect(upstream.received.last?.values("transfer-encoding") == ["chunked"])
      #expect(upstream.received.last?.values("content-length") == [])
    }
  }

  private static func upload(_ gateway: LiveGateway, _ headers: String, _ body: String) async throws -> RawAnswer {
    let connection = try gateway.connect()
    try await connection.sendAll("POST /decks/x HTTP/1.1\r\nHost: test\r\n\(headers)\r\n\(body)")
    return try await connection.answer()
  }

  /// A service that reads nothing: the client is held back, and the gateway keeps no more than buffers hold.
  @Test func anUploadIsHeldBack() async throws {
    let upstream = TestUpstream(readsBody: false) { _, _ in
      .stream { _ in usleep(3_000_000) }
    }
    try await LiveGateway.run(Self.options(upstream)) { gateway in
      let connection = try gateway.connect()
      connection.send("POST /decks/x HTTP/1.1\r\nHost: test\r\nContent-Length: 1000000000\r\n\r\n")
      let piece = [UInt8](repeating: 65, count: 1 << 20)
      var sent = 0
      var idle = 0
      while idle < 20, sent < 500 << 20 {
        let count = connection.sendWhatFits(piece)
        idle = count == 0 ? idle + 1 : 0
        sent += count
        if count == 0 { try await Task.sleep(for: .milliseconds(20)) }
      }
      // What two pairs of sockets hold, and not the half gigabyte that was offered.
      #expect(sent > 100_000 && sent < 64 << 20, "\(sent)")
    }
  }

  /// A client that reads nothing: the service is held back.
  @Test func aDownloadIsHeldBack() async throws {
    let taken = Mutex(0)
    let upstream = TestUpstream { _, _ in
      .stream { send in
        _ = send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        let chunk = "10000\r\n\(String(repeating: "a", count: 0x10000))\r\n"
        for _ in 0..<4096 where send(chunk) { taken.withLock { $0 += 1 } }
      }
    }
    try await LiveGateway.run(Self.options(upstream)) { gateway in
      let connection = try gateway.connect(receiveBytes: 4096)
      connection.send("GET /decks/x HTTP/1.1\r\nHost: test\r\n\r\n")
      var last = -1
      for _ in 0..<100 {
        try await Task.sleep(for: .milliseconds(100))
        let now = taken.withLock { $0 }
        if now == last, now > 0 { break }
        last = now
      }
      #expect(last > 0 && last < 1024, "\(last) of 4096 pieces of 64 KiB were taken for who reads none")
      // And read on, it goes on.
      var bytes = 0
      while bytes < 4 << 20 { bytes += try await connection.received().utf8.count }
      for _ in 0..<100 where taken.withLock({ $0 }) <= last {
        bytes += try await connection.received().utf8.count
      }
      #expect(taken.withLock { $0 } > last)
    }
  }

  /// Each event at once, and for longer than any answer's head may take.
  @Test func eventsArriveAsTheyAreSent() async throws {
    let (next, wake) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
    let upstream = TestUpstream { received, _ in
      .stream { send in
        _ = send("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n")
        for number in 1...3 {
          _ = next.wait(timeout: .now() + 10)
          guard send("9\r\ndata: \(number)\n\n\r\n") else { return }
        }
        _ = wake.wait(timeout: .now() + 10)
      }
    }
    var options = Self.options(upstream)
    (options.times.total, options.times.perTry, options.times.bodyIdle) = (
      .milliseconds(300), .milliseconds(300), .milliseconds(300)
    )
    try await LiveGateway.run(options) { gateway in
      let connection = try gateway.connect()
      connection.send("GET /decks/events HTTP/1.1\r\nHost: test\r\nAccept-Encoding: gzip\r\n\r\n")
      let head = try await connection.received()
      #expect(head.contains("text/event-stream") && !head.lowercased().contains("content-encoding"))
      for number in 1...3 {
        try await Task.sleep(for: .milliseconds(250))
        next.signal()
        #expect(try await connection.received(within: .seconds(2))?.contains("data: \(number)") == true)
      }
      wake.signal()
    }
  }

  @Test func aStreamEndsWhenTheGatewayIsToldToStopAndOthersAreFinished() async throws {
    let upstream = TestUpstream { received, _ in
      if received.line.contains("slow") {
        usleep(1_000_000)
        return .answer(TestUpstream.ok("finished"))
      }
      return .stream { send in
        _ = send("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n")
        _ = send("9\r\ndata: 1\n\n\r\n")
        usleep(10_000_000)
      }
    }
    var options = Self.options(upstream)
    let drain = Drain(.seconds(2))
    options.drain = drain
    try await LiveGateway.run(options) { gateway in
      let (stream, slow) = (try gateway.connect(), try gateway.connect())
      stream.send("GET /decks/events HTTP/1.1\r\nHost: test\r\n\r\n")
      while try await !stream.received().contains("data: 1") {}
      slow.send("GET /decks/slow HTTP/1.1\r\nHost: test\r\n\r\n")
      for _ in 0..<200 where upstream.received.count < 2 { try await Task.sleep(for: .milliseconds(10)) }
      await gateway.stop()
      let rest = try #require(try await stream.untilClosed())
      #expect(rest.hasSuffix("0\r\n\r\n"), "a clean end: \(rest)")
      let answer = RawAnswer(text: try #require(try await slow.untilClosed()))
      #expect(answer.body == "finished" && answer.values("connection") == ["close"])
      // It still takes requests, each the last of its connection, and says that it will not for long.
      let late = try await gateway.get("/health/ready")
      #expect(late.status == 503 && late.body.contains("told to stop"))
    }
  }

  /// Answered before all of it was sent, a request's answer is seen all the same.
  @Test func anEarlyAnswerIsSeen() async throws {
    let upstream = TestUpstream(readsBody: false) { _, _ in
      .last("HTTP/1.1 413 Content Too Large\r\nContent-Length: 9\r\nConnection: close\r\n\r\ntoo large")
    }
    try await LiveGateway.run(Self.options(upstream)) { gateway in
      let connection = try gateway.connect()
      connection.send("POST /decks/x HTTP/1.1\r\nHost: test\r\nContent-Length: 1000000\r\n\r\nthe beginning")
      let text = try #require(try await connection.untilClosed())
      #expect(
        text.hasPrefix("HTTP/1.1 413") && text.hasSuffix("too large") && text.lowercased().contains("connection: close")
      )
    }
  }

  @Test func whoSendsTooSlowlyIsToldSo() async throws {
    let upstream = TestUpstream { _, _ in .answer(TestUpstream.ok()) }
    var options = Self.options(upstream)
    options.times.bodyGrace = .milliseconds(300)
    try await LiveGateway.run(options) { gateway in
      let connection = try gateway.connect()
      connection.send("POST /decks/x HTTP/1.1\r\nHost: test\r\nContent-Length: 1000\r\n\r\nfew")
      let answer = RawAnswer(text: try #require(try await connection.untilClosed()))
      #expect(answer.status == 408 && answer.code == "BODY_TOO_SLOW")
      #expect(gateway.metrics.exposition().contains("gateway_breaker_state{upstream=\"decks\"} 0\n"))
    }
  }
}
