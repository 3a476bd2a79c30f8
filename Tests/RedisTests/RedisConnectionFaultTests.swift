import Blocking
import Foundation
import Redis
import Testing

/// What a command's caller may conclude when the server or the network misbehaves.
@Suite struct RedisConnectionFaultTests {
  private func connection(
    _ server: ScriptedRedis, credentials: String = "", database: Int = 0, replyBytes: Int = 16 << 20
  ) throws -> RedisConnection {
    var configuration = try RedisConfiguration(url: "redis://\(credentials)127.0.0.1:\(server.port)/\(database)")
    configuration.commandTimeout = .seconds(5)
    configuration.maximumReplyBytes = replyBytes
    return RedisConnection(configuration)
  }

  private func outcome(_ body: () throws(RedisError) -> Void) -> RedisError? {
    do throws(RedisError) {
      try body()
      return nil
    } catch { return error }
  }

  private func isInterrupted(_ error: RedisError?) -> Bool { if case .interrupted = error { true } else { false } }
  private func isProtocol(_ error: RedisError?) -> Bool { if case .protocolViolation = error { true } else { false } }

  @Test func commandsShareOneConnection() throws {
    let server = ScriptedRedis([.answer("+OK\r\n"), .answer("$1\r\nv\r\n")])
    defer { server.stop() }
    let connection = try connection(server)
    #expect(try connection.send(RedisCommand("SET", "k", "v")) == .status("OK"))
    #expect(try connection.send(RedisCommand("GET", "k")) == .bulk([118]))
    #expect(server.connections == 1)
  }

  @Test func whoAndWhereIsSaidFirst() throws {
    let server = ScriptedRedis([.answer("+OK\r\n+OK\r\n"), .answer("+PONG\r\n")])
    defer { server.stop() }
    try connection(server, credentials: "me:pass-w0rd@", database: 3).send(RedisCommand("PING"))
    #expect(
      server.requests.first
        == "*3\r\n$4\r\nAUTH\r\n$2\r\nme\r\n$9\r\npass-w0rd\r\n*2\r\n$6\r\nSELECT\r\n$1\r\n3\r\n")
  }

  @Test func aRefusedPasswordIsNotRepeated() throws {
    let refusal = "-WRONGPASS invalid username-password pair or user is disabled.\r\n"
    let server = ScriptedRedis([.answer(refusal), .answer("+OK\r\n"), .answer("+PONG\r\n")])
    defer { server.stop() }
    let connection = try connection(server, credentials: ":pass-w0rd@")
    let error = outcome { () throws(RedisError) in try connection.send(RedisCommand("PING")) }
    guard case .server(let refusal) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(refusal.code == "WRONGPASS")
    #expect(!"\(RedisError.server(refusal))".contains("w0rd"))
    #expect(try connection.send(RedisCommand("PING")) == .status("PONG"), "greeted anew")
    #expect(server.connections == 2)
  }

  @Test(arguments: ["", "$5\r\nab", "*2\r\n:1\r\n", "+O"]) func aReplyCutShortIsUnknown(_ part: String) throws {
    let server = ScriptedRedis([.answerAndClose(part), .answer(":2\r\n")])
    defer { server.stop() }
    let connection = try connection(server)
    #expect(isInterrupted(outcome { () throws(RedisError) in try connection.send(RedisCommand("INCR", "n")) }))
    #expect(server.requests.count == 1, "not sent again by itself")
    #expect(try connection.send(RedisCommand("INCR", "n")) == .integer(2), "a new connection")
  }

  @Test func garbageEndsTheConnection() throws {
    let server = ScriptedRedis([.answer("HTTP/1.1 400 Bad Request\r\n\r\n"), .answer(":1\r\n")])
    defer { server.stop() }
    let connection = try connection(server)
    #expect(isProtocol(outcome { () throws(RedisError) in try connection.send(RedisCommand("GET", "n")) }))
    #expect(try connection.send(RedisCommand("GET", "n")) == .integer(1))
    #expect(server.connections == 2)
  }

  @Test func aReplyToNothingIsNotTakenForTheNext() throws {
    let server = ScriptedRedis([.answer(":1\r\n:99\r\n"), .answer(":2\r\n")])
    defer { server.stop() }
    let connection = try connection(server)
    #expect(try connection.send(RedisCommand("INCR", "n")) == .integer(1))
    #expect(try connection.send(RedisCommand("INCR", "n")) == .integer(2))
    #expect(server.connections == 2)
  }

  @Test func aLateReplyIsNotTakenForTheNext() throws {
    let server = ScriptedRedis([.silence, .answer(":2\r\n")])
    defer { server.stop() }
    let connection = try connection(server)
    let error = outcome { () throws(RedisError) in
      try connection.send(RedisCommand("INCR", "n"), deadline: .now + .milliseconds(100))
    }
    #expect(error == .deadlineExceeded)
    #expect(try connection.send(RedisCommand("INCR", "n")) == .integer(2))
    #expect(server.connections == 2)
  }

  @Test func aHugeReplyIsRefused() throws {
    let server = ScriptedRedis([
      .answer("$100000\r\n\(String(repeating: "x", count: 100_000))\r\n"), .answer("+PONG\r\n"),
    ])
    defer { server.stop() }
    let connection = try connection(server, replyBytes: 50_000)
    #expect(isProtocol(outcome { () throws(RedisError) in try connection.send(RedisCommand("GET", "k")) }))
    #expect(try connection.send(RedisCommand("PING")) == .status("PONG"))
  }

  @Test func aConnectionClosedWhileIdleIsReplaced() throws {
    let server = ScriptedRedis([.answerAndClose("+OK\r\n"), .answer("+PONG\r\n")])
    defer { server.stop() }
    let connection = try connection(server)
    try connection.send(RedisCommand("SET", "k", "v"))
    usleep(50_000)
    #expect(try connection.send(RedisCommand("PING")) == .status("PONG"))
  }

  @Test func aForgottenScriptIsSentWhole() throws {
    let server = ScriptedRedis([
      .answer("-NOSCRIPT No matching script. Please use EVAL.\r\n"), .answer(":1\r\n"), .answer(":2\r\n"),
    ])
    defer { server.stop() }
    let connection = try connection(server)
    let script = RedisScript("return redis.call('INCR', KEYS[1])")
    #expect(try connection.run(script, keys: ["n"]) == .integer(1))
    #expect(try connection.run(script, keys: ["n"]) == .integer(2))
    #expect(server.requests.map { $0.contains("return redis.call") } == [false, true, false])
    #expect(server.requests[2].contains("EVALSHA") && server.requests[2].contains(script.sha1))
  }

  @Test func aScriptThatFailsIsNotRunAgain() throws {
    let server = ScriptedRedis([.answer("-ERR user_script:1: no\r\n")])
    defer { server.stop() }
    let connection = try connection(server)
    let error = outcome { () throws(RedisError) in try connection.run(RedisScript("error('no')")) }
    #expect(error == .server(RedisServerError(reply: "ERR user_script:1: no")))
    #expect(server.requests.count == 1)
  }

  @Test func oneErrorOfAPipelineIsOneReply() throws {
    let server = ScriptedRedis([.answer("+OK\r\n-WRONGTYPE x\r\n:3\r\n")])
    defer { server.stop() }
    let connection = try connection(server)
    let replies = try connection.send(pipeline: [
      RedisCommand("SET", "k", "v"), RedisCommand("LPUSH", "k", 1), RedisCommand("INCR", "n"),
    ])
    #expect(replies == [.status("OK"), .error(RedisServerError(reply: "WRONGTYPE x")), .integer(3)])
    #expect(try connection.send(pipeline: []).isEmpty)
  }

  @Test func cancellationIsSeenWhileTheServerIsSilent() throws {
    let server = ScriptedRedis([.silence])
    defer { server.stop() }
    let connection = try connection(server)
    let flag = CancellationFlag()
    Thread {
      usleep(50_000)
      flag.raise()
    }.start()
    for _ in 0..<2 {
      let error = outcome { () throws(RedisError) in try connection.send(RedisCommand("PING"), cancellation: flag) }
      #expect(error == .cancelled)
    }
    #expect(server.requests.count == 1, "a raised flag sends nothing")
  }

  @Test(arguments: ["redis://127.0.0.1:1", "redis://no-such-host.invalid:6379"])
  func nobodyThereIsNoConnection(_ url: String) throws {
    var configuration = try RedisConfiguration(url: url)
    configuration.connectTimeout = .seconds(20)
    let connection = RedisConnection(configuration)
    let error = outcome { () throws(RedisError) in
      try connection.send(RedisCommand("PING"), deadline: .now + .seconds(30))
    }
    guard case .connection(let words) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(!words.contains("127.0.0.1") && !words.contains("no-such-host"))
  }

  @Test func theClientRefusesWhatWouldBeLate() async throws {
    let server = ScriptedRedis(Array(repeating: .silence, count: 10))
    defer { server.stop() }
    let client = RedisClient(
      try RedisConfiguration(url: "redis://127.0.0.1:\(server.port)"), connections: 1, queue: 1)
    @Sendable func outcome(_ milliseconds: Int) async -> RedisError? {
      do throws(RedisError) {
        try await client.send(RedisCommand("PING"), deadline: .now + .milliseconds(milliseconds))
        return nil
      } catch { return error }
    }
    let running = Task { await outcome(20_000) }
    while server.requests.isEmpty { try await Task.sleep(for: .milliseconds(5)) }
    let waiting = Task { await outcome(20_000) }
    while client.load.waiting == 0 { try await Task.sleep(for: .milliseconds(5)) }
    guard case .overloaded = await outcome(20_000) else {
      Issue.record("not refused")
      return
    }
    waiting.cancel()
    #expect(await waiting.value == .cancelled)
    running.cancel()
    #expect(await running.value == .cancelled)
    client.close()
    #expect(await outcome(20_000) == .cancelled)
  }
}
