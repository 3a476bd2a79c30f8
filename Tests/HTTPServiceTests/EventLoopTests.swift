import Loopback
import Testing

/// Where requests are answered.
@Suite(.timeLimit(.minutes(1))) struct EventLoopTests {
  @Test func onTheConnectionsOwnLoop() async throws {
    try await LiveLoop.serve { port in
      for _ in 0..<8 {
        let client = try RawConnection(port: port)
        client.send("GET / HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n")
        let answer = try await client.untilClosed()
        #expect(answer?.hasSuffix("true true") == true, "\(answer ?? "nothing")")
      }
    }
  }
}
