import Blocking
import Foundation
import RealServers
import Redis
import Testing

/// The real server killed, frozen and cut off.
@Suite(.serialized) struct RedisFaultTests {
  private func outcome(_ body: () async throws(RedisError) -> RedisValue) async -> Result<RedisValue, RedisError> {
    do throws(RedisError) { return .success(try await body()) } catch { return .failure(error) }
  }

  @Test(.timeLimit(.minutes(2))) func killedFrozenAndCutOffItComesBack() async throws {
    let profile = ServerProfile()
    defer { profile.stop() }
    try profile.start(["redis"])
    let url = try #require(try profile.environment()["REDIS_URL"])
    let client = RedisClient(try RedisServer.configuration(url), connections: 2)
    defer { client.close() }
    let log = FeedLog()
    let feed = RedisSubscription(
      try RedisServer.configuration(url), channels: ["c"], heartbeat: .milliseconds(50)
    ) { log.add($0) }
    defer { feed.close() }
    #expect(log.wait { $0 == .subscribed })
    try await killed(profile, client, log)
    try await frozen(profile, client)
    try await cutOff(url)
  }

  /// What was acknowledged before `kill -9` is there afterwards; what is there and was not acknowledged had an unknown outcome.
  private func killed(_ profile: ServerProfile, _ client: RedisClient, _ log: FeedLog) async throws {
    let script = RedisScript("return redis.call('INCR', KEYS[1])")
    let ending = CancellationFlag()
    let counting = Task {
      var (acknowledged, unknown, refused) = (0, 0, 0)
      while !ending.isRaised {
        switch await outcome({ () throws(RedisError) in try await client.run(script, keys: ["n"]) }) {
        case .success: acknowledged += 1
        case .failure(let error):
          if error.isOutcomeUnknown { unknown += 1 } else { refused += 1 }
          #expect(error.isUnavailability, "\(error)")
          #expect(!"\(error)".contains("127.0.0.1"), "\(error)")
          try? await Task.sleep(for: .milliseconds(5))
        }
      }
      return (acknowledged, unknown, refused)
    }
    for round in 1...3 {
      try await Task.sleep(for: .milliseconds(200))
      try profile.killNine("redis")
      #expect(log.wait(for: round) { if case .lost = $0 { true } else { false } })
      try await Task.sleep(for: .milliseconds(100))
      try profile.start(["redis"])
      #expect(log.wait(for: round + 1) { $0 == .subscribed })
    }
    try await Task.sleep(for: .milliseconds(200))
    ending.raise()
    let (acknowledged, unknown, refused) = await counting.value
    let value = try await client.send(RedisCommand("GET", "n")).text.flatMap { Int($0) } ?? 0
    #expect(acknowledged > 100 && refused > 3 && unknown <= 3)
    #expect((acknowledged...(acknowledged + unknown)).contains(value), "\(acknowledged) + \(unknown), not \(value)")
    try await client.send(RedisCommand("PUBLISH", "c", "after"))
    #expect(log.wait { if case .message = $0 { true } else { false } })
  }

  private func frozen(_ profile: ServerProfile, _ client: RedisClient) async throws {
    try await client.send(RedisCommand("SET", "k", "before"))
    try profile.signalAll("redis", SIGSTOP)
    defer { try? profile.signalAll("redis", SIGCONT) }
    let start = ContinuousClock.now
    let error = await outcome { () throws(RedisError) in
      try await client.send(RedisCommand("SET", "k", "during"), deadline: .now + .milliseconds(300))
    }
    #expect(error == .failure(.deadlineExceeded))
    #expect(start.duration(to: .now) < .seconds(3))
    let task = Task {
      await outcome { () throws(RedisError) in
        try await client.send(RedisCommand("GET", "k"), deadline: .now + .seconds(60))
      }
    }
    try await Task.sleep(for: .milliseconds(200))
    task.cancel()
    #expect(await task.value == .failure(.cancelled))
    #expect(start.duration(to: .now) < .seconds(10), "not after its minute")
    try profile.signalAll("redis", SIGCONT)
    #expect(try await client.send(RedisCommand("ECHO", "there")).text == "there", "the replies of before are nobody's")
  }

  /// A reply cut in the middle is not read on.
  private func cutOff(_ url: String) async throws {
    let relay = CuttingRelay(to: try #require(URL(string: url)?.port))
    defer { relay.stop() }
    let client = RedisClient(try RedisServer.configuration("redis://127.0.0.1:\(relay.port)"), connections: 1)
    defer { client.close() }
    let bytes = (0..<1_000_000).map { UInt8(truncatingIfNeeded: $0 &* 7) }
    try await client.send(RedisCommand("SET", "b", bytes))
    for cut in [0, 3, 100_000, 999_999] {
      relay.cut(after: cut)
      let error = await outcome { () throws(RedisError) in try await client.send(RedisCommand("GET", "b")) }
      guard case .failure(.interrupted) = error else {
        Issue.record("cut after \(cut): \(String("\(error)".prefix(200)))")
        continue
      }
      #expect(try await client.send(RedisCommand("GET", "b")).bytes == bytes)
    }
  }
}
