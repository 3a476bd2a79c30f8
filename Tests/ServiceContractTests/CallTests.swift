import Foundation
import HTTPServiceTesting
import Loopback
import ServiceContract
import Settings
import Testing

@Suite struct CallTests {
  private static let refused = """
    {"error":{"code":"EMAIL_TAKEN","message":"Taken.","details":[{"path":"email","message":"is taken"}],"request_id":"x"}}
    """
  private static func answer(_ status: String, _ body: String, headers: String = "") -> String {
    "HTTP/1.1 \(status)\r\nContent-Length: \(body.utf8.count)\r\n\(headers)\r\n\(body)"
  }

  private static var now: Int64 { Int64(Date().timeIntervalSince1970 * 1000) }

  @Test func whatACallSaysOfItself() async throws {
    let server = ScriptedServer([.answer(ScriptedServer.ok("{}")), .answer(ScriptedServer.ok("[1]"))])
    defer { server.stop() }
    // A second thread would be free for the second call before the first has put its connection back, and has one of its own.
    let service = try CallingService(server.url + "/", connections: 1)
    let trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
    let deadline = Self.now + 50_000
    let time = RequestClock(try TrustSecrets(Settings(environment: [:])), isLocal: true).header(1_700_000_000_000)
    let headers = [
      "X-Simulated-Time": time, "X-Gateway-Auth": ExampleService.gatewaySecret, "X-User-Id": "7",
      "X-User-Ismanager": "1",
      "X-Request-Id": "abc-1", "X-Request-Deadline": "\(deadline)", "traceparent": trace,
    ]
    let first = try await service.ask(headers: headers).text
    #expect(first == "\"200 {}\"\n")
    let second = try await service.ask("[3,4]").text
    #expect(second == "\"200 [1]\"\n")
    let requests = server.requests
    try #require(requests.count == 2)
    let (asked, changed) = (requests[0], requests[1])
    #expect(asked.hasPrefix("GET /api/users/id/7?x=1 HTTP/1.1\r\n"))
    for line in [
      "X-Service-Auth: \(ExampleService.serviceSecret)", "X-Service-Name: callers", "X-Request-Id: abc-1",
      "X-Simulated-Time: \(time)",
      "traceparent: \(trace)", "Accept: application/json",
    ] { #expect(asked.contains("\r\n\(line)\r\n"), "\(line) in \(asked)") }
    // Whose request it is stays between the services; who vouches for a person is the gateway.
    #expect(!asked.lowercased().contains("x-user-") && !asked.lowercased().contains("x-gateway-auth"))
    let passed = try #require(asked.firstMatch(of: /X-Request-Deadline: (\d+)\r\n/).flatMap { Int64($0.1) })
    #expect((deadline - 5000...deadline + 5000).contains(passed))
    #expect(changed.hasPrefix("PATCH ") && changed.hasSuffix("\r\n\r\n[3, 4]") && !changed.contains("Expect"))
    #expect(changed.contains("\r\nContent-Type: application/json\r\n"))
    #expect(server.connections == 1, "a connection is kept")
  }

  @Test func aRefusalIsPassedOn() async throws {
    let server = ScriptedServer([
      .answer(Self.answer("409 Conflict", Self.refused)),
      .answer(Self.answer("503 Busy", Self.refused, headers: "Retry-After: 7\r\n")),
      .answer(Self.answer("500 Oops", "<html>")), .answer(Self.answer("404 Gone", #"{"detail":"gone"}"#)),
      .answer(Self.answer("302 Found", Self.refused, headers: "Location: http://127.0.0.1:1/\r\n")),
      .answer(ScriptedServer.ok("no JSON")),
      // Of services whose secrets differ; a client's session has nothing to do with it.
      .answer(Self.answer("401 No", Self.refused.replacing("EMAIL_TAKEN", with: "IDENTITY_NOT_VOUCHED_FOR"))),
      .answer(Self.answer("401 No", Self.refused.replacing("EMAIL_TAKEN", with: "FOR_SERVICES_ONLY"))),
    ])
    defer { server.stop() }
    let service = try CallingService(server.url)
    let taken = try await service.ask()
    #expect(taken.status == 409 && taken.code == "EMAIL_TAKEN" && taken.details == ["email: is taken"])
    let busy = try await service.ask()
    #expect(busy.status == 503 && busy[header: "Retry-After"] == "7")
    for _ in 0..<6 {
      let odd = try await service.ask()
      #expect(odd.status == 502 && odd.code == "DEPENDENCY_FAILED", "\(odd.text)")
    }
  }

  @Test func aServiceThatIsAway() async throws {
    let server = ScriptedServer([])
    server.stop()
    let answer = try await CallingService(server.url).ask()
    #expect(answer.status == 503 && answer.code == "DEPENDENCY_UNAVAILABLE" && answer[header: "Retry-After"] == "1")
    #expect(!answer.text.contains("127.0.0.1"))
  }

  /// Nothing with a body is sent a second time.
  @Test(arguments: [
    ScriptedServer.Step.close, .reset, .answerAndClose("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n{}"),
    .answerAndClose("HTTP/1.1 200 OK\r\nContent-Le"), .answerAndClose("HTTP/1.1 200 OK\r\n\r\n{}"),
    .answerAndClose("SSH-2.0-x\r\n"),
  ]) func aServiceThatBreaksOff(step: ScriptedServer.Step) async throws {
    let server = ScriptedServer([step])
    defer { server.stop() }
    let answer = try await CallingService(server.url).ask("[1]")
    #expect([502, 503].contains(answer.status), "\(answer.text)")
    #expect(server.requests.count <= 1)
  }

  @Test func aServiceThatIsSilent() async throws {
    let server = ScriptedServer([.hang])
    defer { server.stop() }
    let start = ContinuousClock.now
    let answer = try await CallingService(server.url).ask(headers: [
      "X-Service-Auth": ExampleService.serviceSecret, "X-Request-Deadline": "\(Self.now + 300)",
    ])
    #expect(answer.status == 504 && answer.code == "DEADLINE_EXCEEDED", "\(answer.text)")
    #expect(ContinuousClock.now - start < .seconds(55), "the deadline is the gateway's, not the service's 60 s")
  }

  @Test func moreThanMayWait() async throws {
    let server = ScriptedServer([.hang])
    defer { server.stop() }
    let service = try CallingService(server.url, connections: 1, queue: 1)
    let asking = Task { try await service.ask() }
    while server.requests.isEmpty { try await Task.sleep(for: .milliseconds(5)) }
    let waiting = Task { try await service.ask() }
    while service.client.load.waiting == 0 { try await Task.sleep(for: .milliseconds(5)) }
    let refused = try await service.ask()
    #expect(refused.status == 503 && refused.code == "OVERLOADED", "\(refused.text)")
    #expect(refused[header: "Retry-After"].flatMap { Int($0) } ?? 0 >= 1)
    for task in [waiting, asking] {
      task.cancel()
      #expect(try await task.value.status == 503)
    }
    service.client.close()
    #expect(try await service.ask().status == 503)
  }

  @Test func anAnswerWithoutEnd() async throws {
    let server = ScriptedServer([.answerAndClose(Self.answer("200 OK", String(repeating: " ", count: 5 << 20)))])
    defer { server.stop() }
    let answer = try await CallingService(server.url).ask()
    #expect(answer.status == 502, "\(answer.text)")
  }
}
