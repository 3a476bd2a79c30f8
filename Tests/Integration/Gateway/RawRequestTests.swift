import Foundation
import Gateway
import Testing

/// Bytes that two servers could read in two ways: each is refused with 400, the connection is closed, and nothing of it, nor of what
/// hides behind it, reaches a service.
@Suite(.serialized, .timeLimit(.minutes(2))) struct RawRequestTests {
  private static let smuggled = "GET /decks/smuggled HTTP/1.1\r\nHost: test\r\n\r\n"

  private static func post(_ headers: String, _ body: String) -> String {
    "POST /decks/x HTTP/1.1\r\nHost: test\r\n\(headers)\r\n\r\n\(body)\(smuggled)"
  }

  private static let refused: [(String, String)] = [
    ("TE and CL", post("Transfer-Encoding: chunked\r\nContent-Length: 4", "0\r\n\r\n")),
    ("CL and TE", post("Content-Length: 5\r\nTransfer-Encoding: chunked", "0\r\n\r\n")),
    ("CL twice", post("Content-Length: 4\r\nContent-Length: 4", "abcd")),
    ("CL twice, different", post("Content-Length: 0\r\nContent-Length: 44", "")),
    ("CL as a list", post("Content-Length: 4, 4", "abcd")),
    ("CL with a sign", post("Content-Length: +4", "abcd")),
    ("CL in hexadecimal", post("Content-Length: 0x4", "abcd")),
    ("CL too large", post("Content-Length: 99999999999999999999", "abcd")),
    ("CL empty", post("Content-Length:", "abcd")),
    ("CL with a blank in it", post("Content-Length: 4 4", "abcd")),
    ("blank before the colon", post("Content-Length : 4", "abcd")),
    ("blank before the colon of TE", post("Transfer-Encoding : chunked", "0\r\n\r\n")),
    ("TE twice", post("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked", "0\r\n\r\n")),
    ("TE twice, different", post("Transfer-Encoding: chunked\r\nTransfer-Encoding: identity", "0\r\n\r\n")),
    ("TE gzip, chunked", post("Transfer-Encoding: gzip, chunked", "0\r\n\r\n")),
    ("TE identity", post("Transfer-Encoding: identity", "0\r\n\r\n")),
    ("TE unknown", post("Transfer-Encoding: xchunked", "0\r\n\r\n")),
    ("TE with a tab", post("Transfer-Encoding:\tchunked, ", "0\r\n\r\n")),
    ("TE with a vertical tab", post("Transfer-Encoding: \u{b}chunked", "0\r\n\r\n")),
    ("TE in quotes", post("Transfer-Encoding: \"chunked\"", "0\r\n\r\n")),
    ("bare LF after the request line", "GET /decks/x HTTP/1.1\nHost: test\r\n\r\n\(smuggled)"),
    ("bare LF after a header", "GET /decks/x HTTP/1.1\r\nHost: test\nX: y\r\n\r\n\(smuggled)"),
    ("bare LF after the headers", "GET /decks/x HTTP/1.1\r\nHost: test\r\n\n\(smuggled)"),
    ("bare LF only", "GET /decks/x HTTP/1.1\nHost: test\n\n\(smuggled)"),
    ("bare CR in a header", "GET /decks/x HTTP/1.1\r\nHost: test\r\nX: a\rY: b\r\n\r\n\(smuggled)"),
    ("bare CR before a header", "GET /decks/x HTTP/1.1\r\nHost: test\r\rX-User-Id: 1\r\n\r\n\(smuggled)"),
    ("folded with a blank", "GET /decks/x HTTP/1.1\r\nHost: test\r\nX: a\r\n b\r\n\r\n\(smuggled)"),
    ("folded with a tab", "GET /decks/x HTTP/1.1\r\nHost: test\r\nX: a\r\n\tb\r\n\r\n\(smuggled)"),
    ("folded length", post("Content-Length:\r\n 4", "abcd")),
    ("folded encoding", post("Transfer-Encoding:\r\n chunked", "0\r\n\r\n")),
    ("blank before the first header", "GET /decks/x HTTP/1.1\r\n Host: test\r\n\r\n\(smuggled)"),
    ("NUL in a value", "GET /decks/x HTTP/1.1\r\nHost: test\r\nX: a\u{0}b\r\n\r\n\(smuggled)"),
    ("NUL in a name", "GET /decks/x HTTP/1.1\r\nHost: test\r\nX\u{0}: a\r\n\r\n\(smuggled)"),
    ("NUL in the path", "GET /decks/\u{0} HTTP/1.1\r\nHost: test\r\n\r\n\(smuggled)"),
    ("a header without a colon", "GET /decks/x HTTP/1.1\r\nHost: test\r\nX-User-Id 1\r\n\r\n\(smuggled)"),
    ("a header without a name", "GET /decks/x HTTP/1.1\r\nHost: test\r\n: 1\r\n\r\n\(smuggled)"),
    ("no Host", "GET /decks/x HTTP/1.1\r\n\r\n\(smuggled)"),
    ("Host twice", "GET /decks/x HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n\(smuggled)"),
    ("chunk size with a sign", post("Transfer-Encoding: chunked", "+3\r\nabc\r\n0\r\n\r\n")),
    ("chunk size with 0x", post("Transfer-Encoding: chunked", "0x3\r\nabc\r\n0\r\n\r\n")),
    ("chunk size that overflows", post("Transfer-Encoding: chunked", "10000000000000003\r\nabc\r\n0\r\n\r\n")),
    ("chunk size ended by bare LF", post("Transfer-Encoding: chunked", "3\nabc\r\n0\r\n\r\n")),
    ("chunk ended by bare LF", post("Transfer-Encoding: chunked", "3\r\nabc\n0\r\n\r\n")),
    ("chunk longer than said", post("Transfer-Encoding: chunked", "3\r\nabcd\r\n0\r\n\r\n")),
    ("chunk extension with bare LF", post("Transfer-Encoding: chunked", "3;a\nabc\r\n0\r\n\r\n")),
    ("last chunk ended by bare LF", post("Transfer-Encoding: chunked", "0\n\n")),
    ("dot segments", "GET /decks/../users/x HTTP/1.1\r\nHost: test\r\n\r\n"),
    ("encoded dot segments", "GET /decks/%2e%2e/users HTTP/1.1\r\nHost: test\r\n\r\n"),
    ("encoded slash", "GET /decks/a%2Fb HTTP/1.1\r\nHost: test\r\n\r\n"),
    ("two slashes", "GET /decks//x HTTP/1.1\r\nHost: test\r\n\r\n"),
    ("backslash", "GET /decks/a\\b HTTP/1.1\r\nHost: test\r\n\r\n"),
    ("another server's URL", "GET http://127.0.0.1:1/decks/x HTTP/1.1\r\nHost: test\r\n\r\n"),
    ("no path", "GET * HTTP/1.1\r\nHost: test\r\n\r\n"),
    ("a tunnel", "CONNECT 127.0.0.1:1 HTTP/1.1\r\nHost: test\r\n\r\n"),
    ("chunks in HTTP/1.0", "POST /decks/x HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
    ("an unknown version", "GET /decks/x HTTP/9.9\r\nHost: test\r\n\r\n"),
    ("HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
    ("no version", "GET /decks/x\r\nHost: test\r\n\r\n"),
    ("a method with a blank before it", " GET /decks/x HTTP/1.1\r\nHost: test\r\n\r\n"),
    ("TLS", "\u{16}\u{3}\u{1}\u{2}\u{0}\u{1}\u{0}\u{1}"),
    ("nothing known", "\u{1}\u{2}\u{3}\r\n\r\n"),
  ]

  @Test func eachIsRefusedAndTheConnectionIsClosed() async throws {
    let upstream = TestUpstream { received, _ in .answer(TestUpstream.ok(received.line)) }
    try await LiveGateway.run(.init(upstreams: [.decks: upstream.url, .users: upstream.url])) { gateway in
      for (name, bytes) in Self.refused {
        let connection = try gateway.connect()
        connection.send(bytes)
        let text = try await connection.untilClosed()
        let answer = RawAnswer(text: text ?? "not closed")
        let isRefusal = [400, 405, 505].contains(answer.status)
        #expect(isRefusal && answer.values("connection") == ["close"], "\(name): \(text ?? "not closed")")
        #expect(
          answer.code != nil && answer.text.ranges(of: #/HTTP/1\.\d \d{3}/#).count == 1, "\(name): \(answer.text)")
        #expect(!upstream.received.contains { $0.line.contains("smuggled") }, "\(name)")
      }
      // And it goes on serving.
      #expect(try await gateway.get("/decks/x").status == 200)
    }
  }

  /// A 405 says what is served, also where no service is asked.
  @Test func methodsThatAreNotPassedOnAreRefusedWithThoseThatAre() async throws {
    let upstream = TestUpstream { received, _ in .answer(TestUpstream.ok(received.line)) }
    try await LiveGateway.run(.init(upstreams: [.decks: upstream.url])) { gateway in
      let connection = try gateway.connect()
      connection.send("TRACE /decks/x HTTP/1.1\r\nHost: test\r\n\r\n")
      let answer = RawAnswer(text: try await connection.untilClosed() ?? "not closed")
      #expect(answer.status == 405 && answer.code == "METHOD_NOT_ALLOWED", "\(answer.text)")
      #expect(answer.values("allow") == ["GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS"])
      #expect(upstream.received.isEmpty)
    }
  }

  /// One refused in the middle of its body has begun to be forwarded; its service never sees the end of it, nor what follows.
  @Test func aBodyThatTurnsBadEndsTheRequest() async throws {
    let upstream = TestUpstream { received, _ in .answer(TestUpstream.ok(received.line)) }
    try await LiveGateway.run(.init(upstreams: [.decks: upstream.url])) { gateway in
      let connection = try gateway.connect()
      connection.send("POST /decks/x HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n")
      try await Task.sleep(for: .milliseconds(100))
      connection.send("zz\r\n" + Self.smuggled)
      let answer = RawAnswer(text: try await connection.untilClosed() ?? "not closed")
      #expect(answer.status == 400 && answer.code == "MALFORMED_REQUEST", "\(answer.text)")
      for _ in 0..<100 where upstream.open > 0 { try await Task.sleep(for: .milliseconds(10)) }
      #expect(upstream.open == 0, "the connection of half a request is not used again")
      #expect(!upstream.received.contains { $0.line.contains("smuggled") })
    }
  }

  /// A good request before a bad one is answered, the bad one refused.
  @Test func whatCameBeforeIsAnswered() async throws {
    let upstream = TestUpstream { received, _ in
      usleep(50_000)
      return .answer(TestUpstream.ok(received.line))
    }
    try await LiveGateway.run(.init(upstreams: [.decks: upstream.url])) { gateway in
      let connection = try gateway.connect()
      connection.send(
        "GET /decks/good HTTP/1.1\r\nHost: test\r\n\r\nGET /decks/bad HTTP/1.1\nHost: test\n\n" + Self.smuggled)
      let text = try #require(try await connection.untilClosed())
      #expect(text.hasPrefix("HTTP/1.1 200") && text.contains("GET /api/good") && text.contains("HTTP/1.1 400"))
      #expect(upstream.received.count == 1)
    }
  }

  @Test func headersBeyondAllMeasureAreRefused() async throws {
    try await LiveGateway.run { gateway in
      let answer = try await gateway.get("/decks/x", "X: \(String(repeating: "a", count: 100_000))\r\n")
      #expect(answer.status == 431 && answer.code == "HEADERS_TOO_LARGE", "\(answer.text)")
    }
  }
}
