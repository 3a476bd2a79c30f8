import Blocking
import Redis
import Synchronization
import Testing

@Suite struct RedisFeedTests {
  private static let subscribed = "*3\r\n$9\r\nsubscribe\r\n$1\r\nc\r\n:1\r\n"
  private static let pong = "*2\r\n$4\r\npong\r\n$0\r\n\r\n"

  private static func message(_ text: String) -> String {
    "*3\r\n$7\r\nmessage\r\n$1\r\nc\r\n$\(text.utf8.count)\r\n\(text)\r\n"
  }

  /// What a handler was told until it had been told `count` things.
  private func events(_ server: ScriptedRedis, count: Int, heartbeat: Duration = .seconds(60)) -> [RedisFeedEvent] {
    let told = Monitor<[RedisFeedEvent]>([])
    var configuration = try! RedisConfiguration(url: "redis://127.0.0.1:\(server.port)")
    configuration.commandTimeout = .milliseconds(500)
    let subscription = RedisSubscription(
      configuration, channels: ["c"], heartbeat: heartbeat,
      retry: RetryPolicy(first: .milliseconds(1), longest: .milliseconds(5))
    ) { event in
      told.withLock { $0.append(event) }
      told.notify()
    }
    defer { subscription.close() }
    let end = ContinuousClock.now + .seconds(10)
    return told.wait { events in
      events.count >= count || .now > end ? .done(Array(events.prefix(count))) : .until(end)
    }
  }

  private func gist(_ events: [RedisFeedEvent]) -> [String] {
    events.map {
      switch $0 {
      case .subscribed: "subscribed"
      case .message(_, let payload): String(decoding: payload, as: UTF8.self)
      case .alive: "alive"
      case .lost: "lost"
      }
    }
  }

  @Test func messagesComeInOrderAndAGapIsSaid() {
    let server = ScriptedRedis([
      .answer(Self.subscribed + Self.message("a")), .answerAndClose(Self.pong + Self.message("b")),
      .answer(Self.message("early") + Self.subscribed), .answer(Self.pong),
    ])
    defer { server.stop() }
    // "a" may be there before the feed asks whether the server is.
    #expect(
      gist(events(server, count: 8))
        == ["subscribed", "a", "alive", "b", "lost", "subscribed", "early", "alive"])
    #expect(server.requests.first == "*2\r\n$9\r\nSUBSCRIBE\r\n$1\r\nc\r\n")
  }

  @Test func aSilentServerIsLost() {
    let server = ScriptedRedis([
      .answer(Self.subscribed), .answer(Self.pong), .silence, .answer(Self.subscribed), .answer(Self.pong),
    ])
    defer { server.stop() }
    let events = events(server, count: 5, heartbeat: .milliseconds(10))
    #expect(gist(events) == ["subscribed", "alive", "lost", "subscribed", "alive"])
    #expect(events.contains(.lost(.deadlineExceeded)))
  }

  @Test func aRefusalIsToldAndTriedAgain() {
    let server = ScriptedRedis([
      .answer("-NOPERM no\r\n"), .answer("+OK\r\n"), .answer(Self.subscribed), .answer(Self.pong),
    ])
    defer { server.stop() }
    let events = events(server, count: 4)
    #expect(gist(events) == ["lost", "lost", "subscribed", "alive"])
    #expect(events.first == .lost(.server(RedisServerError(reply: "NOPERM no"))))
  }

  /// A handler that takes its time makes nobody late: what has come meanwhile counts as having come.
  @Test func aSlowHandlerLosesNothing() {
    // The answer to the feed's question comes while "1" is handled, and is looked for when its time is over.
    let server = ScriptedRedis([.answer(Self.subscribed + Self.message("1")), .answer(Self.message("2") + Self.pong)])
    defer { server.stop() }
    let told = Monitor<[RedisFeedEvent]>([])
    var configuration = try! RedisConfiguration(url: "redis://127.0.0.1:\(server.port)")
    configuration.commandTimeout = .milliseconds(500)
    let subscription = RedisSubscription(configuration, channels: ["c"], heartbeat: .seconds(60)) { event in
      if case .message(_, [UInt8(ascii: "1")]) = event { BlockingThread.sleep(.milliseconds(600)) }
      told.withLock { $0.append(event) }
      told.notify()
    }
    defer { subscription.close() }
    let end = ContinuousClock.now + .seconds(10)
    let events = told.wait { events in events.count >= 4 || .now > end ? .done(events) : .until(end) }
    #expect(gist(events) == ["subscribed", "1", "2", "alive"])
  }
}
