import Foundation
import RealServers
import Redis
import Testing

/// The client against the real server.
@Suite struct RedisClientTests {
  private let client: RedisClient
  private let key = RedisServer.name()

  init() throws { client = RedisClient(try RedisServer.configuration()) }

  private func refusal(_ body: () async throws(RedisError) -> Void) async -> RedisError? {
    do throws(RedisError) {
      try await body()
      return nil
    } catch { return error }
  }

  @Test func anyBytesComeBack() async throws {
    let bytes = (0..<1000).map { UInt8($0 % 256) }
    #expect(try await client.send(RedisCommand("SET", key, bytes, "EX", 60)) == .status("OK"))
    #expect(try await client.send(RedisCommand("GET", key)).bytes == bytes)
    #expect(try await client.send(RedisCommand("GET", key + "none")) == .null)
    #expect(try await client.send(RedisCommand("TTL", key)).integer ?? 0 > 50)
    #expect(try await client.send(RedisCommand("DEL", key)) == .integer(1))
  }

  @Test func everyKindOfReply() async throws {
    try await client.send(RedisCommand("RPUSH", key, "a", "", "c"))
    #expect(
      try await client.send(RedisCommand("LRANGE", key, 0, -1)) == .array([.bulk([97]), .bulk([]), .bulk([99])]))
    let error = await refusal { () throws(RedisError) in try await client.send(RedisCommand("INCR", key)) }
    guard case .server(let words) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(words.code == "WRONGTYPE")
    let unknown = await refusal { () throws(RedisError) in try await client.send(RedisCommand("NOSUCH", "pass-w0rd")) }
    #expect(unknown.map { "\($0)".contains("w0rd") } == false)
    try await client.send(RedisCommand("DEL", key))
  }

  @Test func aPipelineKeepsItsOrder() async throws {
    let replies = try await client.send(pipeline: (1...10_000).map { RedisCommand("INCRBY", key, $0 % 2) })
    #expect(replies == (1...10_000).map { .integer(($0 + 1) / 2) })
    try await client.send(RedisCommand("DEL", key))
  }

  /// The name has two addresses, and the server listens on one.
  @Test func aHostMayHaveAName() async throws {
    let named = RedisClient(
      try RedisServer.configuration(try RedisServer.url().replacing("127.0.0.1", with: "localhost")))
    defer { named.close() }
    #expect(try await named.send(RedisCommand("PING")) == .status("PONG"))
  }

  @Test func manyTasksShareFewConnections() async throws {
    try await withThrowingTaskGroup(of: Void.self) { group in
      for number in 0..<200 {
        group.addTask {
          let echoed = try await client.send(RedisCommand("ECHO", "\(number)"))
          #expect(echoed.text == "\(number)")
        }
      }
      try await group.waitForAll()
    }
  }

  @Test func aScriptSurvivesThatItIsForgotten() async throws {
    let script = RedisScript(
      "return {redis.call('INCRBY', KEYS[1], ARGV[1]), redis.sha1hex(ARGV[2]), #KEYS}")
    for round in 1...4 {
      let reply = try await client.run(script, keys: [key], arguments: [5, script.source])
      #expect(reply == .array([.integer(round * 5), .bulk(Array(script.sha1.utf8)), .integer(1)]))
      if round == 2 { try await client.send(RedisCommand("SCRIPT", "FLUSH")) }
    }
    let failed = await refusal { () throws(RedisError) in
      try await client.run(RedisScript("return redis.error_reply('STALE too late')"))
    }
    guard case .server(let words) = failed else {
      Issue.record("\(String(describing: failed))")
      return
    }
    #expect(words.code == "STALE" && words.message.hasPrefix("too late"))
    try await client.send(RedisCommand("DEL", key))
  }

  @Test func aHugeReplyIsRefusedAndNothingElse() async throws {
    var configuration = try RedisServer.configuration()
    configuration.maximumReplyBytes = 1 << 20
    let careful = RedisClient(configuration, connections: 1)
    defer { careful.close() }
    try await client.send(RedisCommand("SETRANGE", key, 20 << 20, "x"))
    let error = await refusal { () throws(RedisError) in try await careful.send(RedisCommand("GET", key)) }
    #expect(error == .protocolViolation("the reply is larger than \(1 << 20) bytes"))
    #expect(try await careful.send(RedisCommand("STRLEN", key)) == .integer(20 << 20 + 1))
    try await client.send(RedisCommand("DEL", key))
  }

  @Test func passwordsAndDatabases() async throws {
    let user = key.replacing(":", with: "-")
    try await client.send(RedisCommand("ACL", "SETUSER", user, "on", ">right-w0rd", "~*", "+@all"))
    let address = try RedisServer.url().replacing(/redis:\/\/([^@]*@)?/, with: "").split(separator: "/")[0]
    let right = RedisClient(try RedisServer.configuration("redis://\(user):right-w0rd@\(address)/1"))
    let wrong = RedisClient(try RedisServer.configuration("redis://\(user):wrong-w0rd@\(address)/1"))
    defer {
      right.close()
      wrong.close()
    }
    try await right.send(RedisCommand("SET", key, "in 1"))
    #expect(try await client.send(RedisCommand("GET", key)) == .null, "the other database has it")
    #expect(try await right.send(RedisCommand("GETDEL", key)).text == "in 1")
    let error = await refusal { () throws(RedisError) in try await wrong.send(RedisCommand("PING")) }
    guard case .server(let words) = error, let error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(words.code == "WRONGPASS")
    for secret in ["w0rd", user, String(address)] { #expect(!"\(error)".contains(secret)) }
    let none = RedisClient(try RedisServer.configuration("redis://\(user):right-w0rd@\(address)/60000"))
    defer { none.close() }
    guard case .server = await refusal({ () throws(RedisError) in try await none.send(RedisCommand("PING")) }) else {
      Issue.record("there is no database 60000")
      return
    }
    try await client.send(RedisCommand("ACL", "DELUSER", user))
  }

  @Test func aFeedHandsOverWhatIsPublished() async throws {
    let log = FeedLog()
    let other = key + ":other"
    let feed = RedisSubscription(
      try RedisServer.configuration(), channels: [key, other], heartbeat: .milliseconds(20)
    ) { log.add($0) }
    #expect(log.wait { $0 == .subscribed })
    for number in 0..<1000 { try await client.send(RedisCommand("PUBLISH", number % 2 == 0 ? key : other, number)) }
    #expect(log.wait(for: 1000) { if case .message = $0 { true } else { false } })
    #expect(log.messages == (0..<1000).map { "\($0)" })
    let alive = log.all.filter { $0 == .alive }.count
    #expect(log.wait(for: alive + 3) { $0 == .alive })
    feed.close()
    #expect(
      try eventually(within: 10) {
        let command = RedisConnection(try RedisServer.configuration())
        return try command.send(RedisCommand("PUBLISH", key, "late")) == .integer(0)
      }, "nobody listens")
    #expect(!log.all.contains { if case .lost = $0 { true } else { false } })
  }
}
