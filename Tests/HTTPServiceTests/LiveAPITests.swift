import HTTPService
import Loopback
import Testing

/// Bodies as a connection brings them: in parts, without an announced length, and broken off.
@Suite(.timeLimit(.minutes(1))) struct LiveAPITests {
  private func answer(_ head: String, _ parts: [String], finishes: Bool = false) async throws -> String {
    let answer = Answer()
    try await LiveAPI.serve { port in
      let client = try RawConnection(port: port)
      client.send("POST /api/numbers/3 HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\(head)\r\n\r\n")
      for part in parts { client.send(part) }
      if finishes { client.finish() }
      await answer.set(try await client.untilClosed() ?? "nothing")
    }
    return await answer.text
  }

  @Test func partsAreOneBody() async throws {
    let whole = try await answer("Content-Type: application/json\r\nContent-Length: 7", ["[1", ",2", ",3]"])
    #expect(whole.hasPrefix("HTTP/1.1 200") && whole.hasSuffix("\r\n\r\n[3,6,9]\n"), "\(whole)")
    let chunked = try await answer("Transfer-Encoding: chunked", ["2\r\n[1\r\n", "3\r\n,2]\r\n0\r\n\r\n"])
    #expect(chunked.hasSuffix("\r\n\r\n[3,6]\n"), "\(chunked)")
  }

  @Test func aBodyIsRefusedOnceItIsTooLong() async throws {
    let announced = try await answer("Content-Length: 1001", [String(repeating: " ", count: 1001)])
    #expect(announced.hasPrefix("HTTP/1.1 413") && announced.contains("BODY_TOO_LARGE"), "\(announced)")
    let chunk = "400\r\n\(String(repeating: " ", count: 1024))\r\n"
    let unannounced = try await answer("Transfer-Encoding: chunked", [chunk, "0\r\n\r\n"])
    #expect(unannounced.hasPrefix("HTTP/1.1 413") && unannounced.contains("BODY_TOO_LARGE"), "\(unannounced)")
  }

  @Test func aBodyThatBreaksOffIsNoValue() async throws {
    let broken = try await answer("Content-Length: 100", ["[1,2]"], finishes: true)
    #expect(broken.isEmpty || broken.hasPrefix("HTTP/1.1 400"), "\(broken)")
  }
}

private actor Answer {
  private(set) var text = ""

  func set(_ text: String) { self.text = text }
}
