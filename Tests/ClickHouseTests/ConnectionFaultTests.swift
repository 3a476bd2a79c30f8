import Blocking
import ClickHouse
import Foundation
import Loopback
import Testing

/// What a request's caller may conclude when the server or the network misbehaves.
@Suite struct ConnectionFaultTests {
  private func outcome(_ body: () throws -> Void) -> ClickHouseError? {
    do {
      try body()
      return nil
    } catch { return error as? ClickHouseError }
  }

  private func connection(_ server: ScriptedServer) throws -> ClickHouseConnection {
    ClickHouseConnection(
      try ClickHouseConfiguration(
        url: server.url, database: "cards", user: "writer", password: "pass-w0rd", requestTimeoutMs: 5_000))
  }

  private func isInterrupted(_ error: ClickHouseError?) -> Bool {
    if case .interrupted = error { true } else { false }
  }

  @Test func requestsShareOneConnection() throws {
    let server = ScriptedServer([
      .answer(ScriptedServer.ok("1")), .answer(ScriptedServer.ok("2")), .answer(ScriptedServer.ok("3")),
    ])
    defer { server.stop() }
    let connection = try connection(server)
    for expected in ["1", "2", "3"] { #expect(try connection.execute("SELECT") == Array(expected.utf8)) }
    #expect(server.connections == 1)
  }

  @Test func credentialsTravelInHeadersOnly() throws {
    let server = ScriptedServer([.answer(ScriptedServer.ok(""))])
    defer { server.stop() }
    try connection(server).execute("SELECT 1", parameters: ["p": "v w"], settings: ["s": "1"], queryID: "id")
    let request = try #require(server.requests.first)
    let lines = request.split(separator: "\r\n")
    #expect(lines.contains("X-ClickHouse-User: writer"))
    #expect(lines.contains("X-ClickHouse-Key: pass-w0rd"))
    #expect(lines.contains("X-ClickHouse-Database: cards"))
    #expect(!lines[0].contains("pass"))
    #expect(lines[0].contains("param_p=v%20w") && lines[0].contains("s=1") && lines[0].contains("query_id=id"))
    #expect(lines.last == "SELECT 1")
  }

  @Test func closedBeforeAnAnswerIsUnknownAndNotRepeated() throws {
    let server = ScriptedServer([.close, .answer(ScriptedServer.ok("x"))])
    defer { server.stop() }
    let connection = try connection(server)
    #expect(isInterrupted(outcome { try connection.execute("INSERT") }))
    #expect(server.requests.count == 1)
  }

  /// libcurl would send such a request again by itself; an insert would be done twice.
  @Test(arguments: [10, 100_000]) func keptAliveConnectionClosedBeforeAnAnswerIsNotRepeated(size: Int) throws {
    let server = ScriptedServer([.answer(ScriptedServer.ok("1")), .close, .answer(ScriptedServer.ok("3"))])
    defer { server.stop() }
    let connection = try connection(server)
    try connection.execute("SELECT 1")
    let sql = String(repeating: "x", count: size)
    let error = outcome { try connection.execute(sql) }
    #expect(isInterrupted(error))
    #expect(server.requests.count == 2, "sent once")
    #expect(try connection.execute("SELECT 3") == Array("3".utf8), "the next request has a new connection")
    #expect(server.requests.count == 3)
  }

  @Test func keptAliveInsertClosedBeforeAnAnswerIsNotRepeated() throws {
    let server = ScriptedServer([.answer(ScriptedServer.ok("1")), .close])
    defer { server.stop() }
    let connection = try connection(server)
    try connection.execute("SELECT 1")
    let frames = [UInt8](repeating: 1, count: 2_000_000)
    let error = outcome {
      try frames.withUnsafeBytes { _ = try connection.insert("INSERT INTO t FORMAT Native", frames: $0) }
    }
    #expect(isInterrupted(error))
    #expect(server.requests.count == 2)
  }

  @Test func connectionClosedWhileIdleIsReplaced() throws {
    let server = ScriptedServer([.answerAndClose(ScriptedServer.ok("1")), .answer(ScriptedServer.ok("2"))])
    defer { server.stop() }
    let connection = try connection(server)
    try connection.execute("SELECT 1")
    usleep(100_000)
    #expect(try connection.execute("SELECT 2") == Array("2".utf8))
    #expect(server.connections == 2)
  }

  @Test(arguments: [
    "HTTP/1.1 200 OK\r\nContent-Le", "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc",
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n",
  ]) func answerCutShortIsUnknown(_ answer: String) throws {
    let server = ScriptedServer([.answerAndClose(answer)])
    defer { server.stop() }
    let connection = try connection(server)
    #expect(isInterrupted(outcome { try connection.execute("SELECT 1") }))
  }

  @Test func resetWhileSendingIsUnknown() throws {
    let server = ScriptedServer([.reset])
    defer { server.stop() }
    let connection = try connection(server)
    let sql = String(repeating: "x", count: 30_000_000)
    #expect(isInterrupted(outcome { try connection.execute(sql) }))
    #expect(server.requests.count == 1)
  }

  @Test func answerBeforeTheBodyWasSentIsHeard() throws {
    let text = "Code: 516. DB::Exception: writer: Authentication failed. (AUTHENTICATION_FAILED) (version 25.5.2.1)\n"
    let head = "HTTP/1.1 403 Forbidden\r\nX-ClickHouse-Exception-Code: 516\r\nConnection: close\r\n"
    let server = ScriptedServer([.answerEarly("\(head)Content-Length: \(text.utf8.count)\r\n\r\n\(text)")])
    defer { server.stop() }
    let connection = try connection(server)
    let sql = String(repeating: "x", count: 1_000_000)
    let error = outcome { try connection.execute(sql) }
    #expect(
      error == .server(code: 516, name: "AUTHENTICATION_FAILED", message: "writer: Authentication failed")
        || isInterrupted(error), "a reset may overtake the answer; then the outcome is unknown")
  }

  @Test func silenceEndsWithTheTimeout() throws {
    let server = ScriptedServer([.hang])
    defer { server.stop() }
    let connection = try connection(server)
    connection.requestTimeoutMs = 200
    #expect(isInterrupted(outcome { try connection.execute("SELECT 1") }))
  }

  @Test func cancellationIsSeenWhileTheServerIsSilent() throws {
    let server = ScriptedServer([.hang])
    defer { server.stop() }
    let connection = try connection(server)
    let flag = CancellationFlag()
    Thread {
      usleep(100_000)
      flag.raise()
    }.start()
    let start = ContinuousClock.now
    #expect(
      outcome { try connection.execute("SELECT 1", cancellation: flag) } == .cancelled)
    #expect(start.duration(to: .now) < .seconds(2))
    #expect(
      outcome { try connection.execute("SELECT 1", cancellation: flag) } == .cancelled)
    #expect(server.requests.count == 1, "a raised flag sends nothing")
  }

  @Test func whoEverAnswersIsNotClickHouse() throws {
    let server = ScriptedServer([
      .answer("HTTP/1.1 404 Not Found\r\nContent-Length: 4\r\n\r\nnope"),
      .answer("HTTP/1.1 502 Bad Gateway\r\nContent-Length: 5\r\n\r\nproxy"),
      .answerAndClose("+PONG\r\n"),
    ])
    defer { server.stop() }
    let connection = try connection(server)
    guard
      case .protocolViolation(let words) = outcome({ try connection.execute("SELECT") })
    else {
      Issue.record("404 is no answer of ClickHouse")
      return
    }
    #expect(words.contains("404") && words.contains("nope"))
    #expect(isInterrupted(outcome { try connection.execute("SELECT") }))
    #expect(outcome { try connection.execute("SELECT") } != nil)
  }

  @Test func exceptionWithATagInTheMiddleOfAnAnswer() throws {
    let text = "Code: 241. DB::Exception: Memory limit exceeded. (MEMORY_LIMIT_EXCEEDED) (version 26.1.1.1)\n"
    let body = "1\n2\n\r\n__exception__\r\nabcdefghij\r\n\(text)92 abcdefghij\r\n__exception__\r\n"
    let server = ScriptedServer([
      .answer(ScriptedServer.ok(body, headers: "X-ClickHouse-Exception-Tag: abcdefghij\r\n"))
    ])
    defer { server.stop() }
    let connection = try connection(server)
    #expect(
      outcome { try connection.execute("SELECT") }
        == .server(code: 241, name: "MEMORY_LIMIT_EXCEEDED", message: "Memory limit exceeded"))
  }

  @Test func exceptionWithoutAMarkerInTheMiddleOfAnAnswer() throws {
    let text = "1\n2\nCode: 241. DB::Exception: Memory limit exceeded. (MEMORY_LIMIT_EXCEEDED) (version 24.3.1.1)\n"
    let server = ScriptedServer([.answerAndClose("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n\(text)")])
    defer { server.stop() }
    let connection = try connection(server)
    #expect(
      outcome { try connection.execute("SELECT") }
        == .server(code: 241, name: "MEMORY_LIMIT_EXCEEDED", message: "Memory limit exceeded"))
  }

  @Test func unknownHostSentNothing() throws {
    let connection = ClickHouseConnection(try ClickHouseConfiguration(url: "http://no-such-host.invalid:8123"))
    guard case .connection = outcome({ try connection.execute("SELECT 1") }) else {
      Issue.record("not .connection")
      return
    }
  }

  @Test func asyncClientBoundsItsQueueAndCancels() async throws {
    let server = ScriptedServer([.hang, .hang, .hang, .hang, .hang, .hang])
    defer { server.stop() }
    let client = ClickHouseClient(try ClickHouseConfiguration(url: server.url), connections: 1, queue: 1)
    func outcome(_ sql: String) async -> ClickHouseError? {
      do throws(ClickHouseError) {
        try await client.query(sql)
        return nil
      } catch { return error }
    }
    let running = Task { await outcome("SELECT 1") }
    while server.requests.isEmpty { try await Task.sleep(for: .milliseconds(5)) }
    let waiting = Task { await outcome("SELECT 2") }
    try await Task.sleep(for: .milliseconds(50))
    guard case .overloaded = await outcome("SELECT 3") else {
      Issue.record("not refused")
      return
    }
    waiting.cancel()
    #expect(await waiting.value == .cancelled, "at once, although the only connection is taken")
    let closed = Task { await outcome("SELECT 4") }
    try await Task.sleep(for: .milliseconds(50))
    client.close()
    #expect(await closed.value == .cancelled)
    #expect(await outcome("SELECT 5") == .cancelled)
    running.cancel()
    #expect(await running.value == .cancelled)
    #expect(!server.requests.contains { $0.hasSuffix("SELECT 2") })
  }

  @Test(.timeLimit(.minutes(1))) func theDeadlineCountsTheWait() async throws {
    let server = ScriptedServer([.hang, .hang, .answer(ScriptedServer.ok("1\n"))])
    defer { server.stop() }
    let client = ClickHouseClient(
      try ClickHouseConfiguration(url: server.url, requestTimeoutMs: 30_000), connections: 1)
    defer { client.close() }
    func outcome(_ sql: String, within milliseconds: Int) async -> ClickHouseError? {
      do throws(ClickHouseError) {
        try await client.query(sql, deadline: .now + .milliseconds(milliseconds))
        return nil
      } catch { return error }
    }
    #expect(await outcome("SELECT 1", within: 100) == .deadlineExceeded, "the server does not answer")
    let running = Task { await outcome("SELECT 2", within: 400) }
    while server.requests.count < 2 { try await Task.sleep(for: .milliseconds(5)) }
    switch await outcome("SELECT 3", within: 50) {
    case .deadlineExceeded, .overloaded: break
    case let other: Issue.record("\(String(describing: other))")
    }
    #expect(await running.value == .deadlineExceeded)
    #expect(await outcome("SELECT 4", within: 20_000) == nil)
    #expect(!server.requests.contains { $0.hasSuffix("SELECT 3") }, "it was never sent")
    // What is left of 20 s, told to the server.
    let limit = server.requests.last?.firstMatch(of: /max_execution_time=([0-9.]+)/)
    let seconds = limit.flatMap { Double($0.1) } ?? 0
    #expect(seconds > 1 && seconds <= 20)
  }
}
