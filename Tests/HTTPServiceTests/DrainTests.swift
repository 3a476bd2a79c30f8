import HTTPService
import Loopback
import Testing

/// A server that is told to stop.
@Suite(.timeLimit(.minutes(1))) struct DrainTests {
  private static let plain = "GET /plain HTTP/1.1\r\nHost: test\r\n\r\n"

  @Test func itSaysSoAndStillAnswersAndThenEnds() async throws {
    // Longer than the requests below can take; the stop then waits for nothing.
    let drain = Drain(.seconds(3))
    try await LiveRole.stopping(drain) { port, stop in
      let kept = try RawConnection(port: port)
      kept.send(Self.plain)
      let before = try await kept.received()
      #expect(before.hasPrefix("HTTP/1.1 200") && !before.lowercased().contains("connection: close"))
      let waiting = try RawConnection(port: port)
      waiting.send("GET /endless HTTP/1.1\r\nHost: test\r\n\r\n")
      for _ in 0..<10 {
        if try await waiting.received().contains("begun") { break }
      }

      await stop()
      for _ in 0..<1000 where !drain.hasBegun { try await Task.sleep(for: .milliseconds(1)) }
      // One that was open before, and one that comes now.
      kept.send(Self.plain)
      let last = try #require(try await kept.untilClosed())
      #expect(last.hasPrefix("HTTP/1.1 200") && last.lowercased().contains("connection: close"))
      #expect(last.hasSuffix("plain"))
      let late = try RawConnection(port: port)
      late.send("GET /health/ready HTTP/1.1\r\nHost: test\r\n\r\n")
      let ready = try #require(try await late.untilClosed())
      #expect(ready.hasPrefix("HTTP/1.1 503") && ready.contains("told to stop"))
      // Answers without an end have been told.
      for _ in 0..<100 {
        if try await waiting.received().contains("ended") { break }
      }
    }
  }

  @Test func aLargeAnswerIsWholeAlsoWhenItIsTheLast() async throws {
    let drain = Drain(.seconds(2))
    try await LiveRole.stopping(drain) { port, stop in
      await stop()
      for _ in 0..<1000 where !drain.hasBegun { try await Task.sleep(for: .milliseconds(1)) }
      let client = try RawConnection(port: port)
      client.send("GET /large HTTP/1.1\r\nHost: test\r\n\r\n")
      let answer = try #require(try await client.untilClosed())
      #expect(answer.utf8.count > 64 << 20)
    }
  }

  @Test func whoWaitsForItIsToldOnceAndAlsoAfterwards() async throws {
    let drain = Drain()
    let told = AsyncStream<Int>.makeStream()
    _ = drain.whenBegun { told.continuation.yield(1) }
    drain.forget(drain.whenBegun { told.continuation.yield(2) })
    try await LiveRole.stopping(drain) { _, stop in await stop() }
    _ = drain.whenBegun { told.continuation.yield(3) }
    told.continuation.finish()
    #expect(await told.stream.reduce(into: []) { $0.append($1) } == [1, 3])
  }
}
