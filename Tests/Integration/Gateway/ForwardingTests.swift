import Foundation
import Gateway
import ServiceContract
import Testing

/// What reaches a service, and what comes back.
@Suite(.serialized, .timeLimit(.minutes(2))) struct ForwardingTests {
  private static func decks(_ upstream: TestUpstream) -> LiveGateway.Options {
    LiveGateway.Options(upstreams: [.decks: upstream.url])
  }

  @Test func aRequestIsAskedOfItsServiceAsItCame() async throws {
    let upstream = TestUpstream { _, _ in
      .answer(TestUpstream.ok("seen", "ETag: \"7\"\r\nX-Inner: 1\r\nConnection: X-Inner\r\n"))
    }
    try await LiveGateway.run(Self.decks(upstream)) { gateway in
      let before = Int64(Date().timeIntervalSince1970 * 1000)
      let answer = try await gateway.ask(
        "PATCH /decks/decks/7/?q=a%20b HTTP/1.1\r\nHost: cards.example\r\nContent-Length: 4\r\nX-Request-Id: my-id\r\n"
          + "traceparent: 00-0123456789abcdef0123456789abcdef-0123456789abcdef-01\r\nCookie: a=b\r\n\r\nbody")
      #expect(answer.status == 200 && answer.body == "seen" && answer.values("etag") == ["\"7\""])
      #expect(
        answer.values("x-request-id") == ["my-id"] && answer.values("x-inner") == []
          && answer.values("connection") == [])
      let asked = try #require(upstream.received.first)
      #expect(asked.line == "PATCH /api/decks/7/?q=a%20b HTTP/1.1")
      #expect(String(decoding: asked.body, as: UTF8.self) == "body")
      #expect(asked.values("x-request-id") == ["my-id"] && asked.values("cookie") == ["a=b"])
      #expect(asked.values("traceparent") == ["00-0123456789abcdef0123456789abcdef-0123456789abcdef-01"])
      #expect(asked.values("host") == [upstream.url.replacing("http://", with: "")])
      #expect(asked.values("x-forwarded-host") == ["cards.example"] && asked.values("x-forwarded-for") == ["127.0.0.1"])
      #expect(asked.values("x-gateway-auth") == ["a-secret-of-the-gateway"] && asked.values("x-user-id") == [])
      let deadline = try #require(asked.values("x-request-deadline").first.flatMap { Int64($0) })
      #expect((before + 29_900...before + 35_000).contains(deadline))
      // One line, with all of it, and without the query.
      let line = try #require(gateway.log.all.first { $0.contains("my-id") })
      for part in [
        "\"method\":\"PATCH\"", "\"path\":\"\\/decks\\/decks\\/7\\/\"", "\"status\":\"200\"", "\"route\":\"decks\"",
        "\"tries\":\"1\"", "\"caller\":\"anonymous\"", "\"client\":\"127.0.0.1\"", "\"upstream\":\"127.0.0.1:",
        "elapsed_ms",
      ] { #expect(line.contains(part) || line.contains(part.replacing("\\/", with: "/")), "\(part) in \(line)") }
      #expect(!line.contains("a%20b"))
    }
  }

  @Test func aPersonIsNamedByTheGatewayWhateverTheRequestSays() async throws {
    let upstream = TestUpstream { _, _ in .answer(TestUpstream.ok()) }
    try await LiveGateway.run(Self.decks(upstream)) { gateway in
      let forged = [
        "X-User-Id: 1", "x_user_id: 1", "X-USER-ISMANAGER: 1", "X_User-IsManager: 1", "X-Gateway-Auth: x",
        "X_GATEWAY_AUTH: a-secret-of-the-gateway", "X-Service-Auth: y", "X_Service_Auth: y", "X-Request-Deadline: 1",
        "X-User-Name: z", "Connection: X-User-Id, X-Gateway-Auth",
      ].joined(separator: "\r\n")
      let token = gateway.token(42, isManager: false)
      for (authorization, id) in [("Authorization: bearer \(token)\r\n", ["42"]), ("", [])] {
        #expect(try await gateway.get("/decks/x", forged + "\r\n" + authorization).status == 200)
        let asked = try #require(upstream.received.last)
        #expect(asked.values("x-user-id") == id && asked.values("x-user-ismanager") == (id.isEmpty ? [] : ["0"]))
        #expect(asked.values("x-gateway-auth") == ["a-secret-of-the-gateway"])
        // Of the names: a token may hold anything.
        #expect(!asked.head.lowercased().contains("\r\nx_") && asked.values("x-service-auth") == [])
        #expect(asked.values("x-user-name") == [] && asked.values("x-request-deadline") != ["1"])
      }
      #expect(
        try await gateway.get("/decks/x", "Authorization: Bearer \(gateway.token(isManager: true))\r\n").status == 200)
      #expect(upstream.received.last?.values("x-user-ismanager") == ["1"])
      #expect(gateway.log.all.last?.contains("\"caller\":\"manager:7\"") == true)
    }
  }

  @Test func whatIsNoAccessTokenOfOursIsRefused() async throws {
    let upstream = TestUpstream { _, _ in .answer(TestUpstream.ok()) }
    try await LiveGateway.run(Self.decks(upstream)) { gateway in
      let now = Int64(Date().timeIntervalSince1970 * 1000)
      let good = gateway.token()
      let cases: [(String, String)] = [
        ("Bearer \(gateway.token(kind: .refresh))", "INVALID_TOKEN"), ("Basic YTpi", "INVALID_TOKEN"),
        ("Bearer", "INVALID_TOKEN"), ("Bearer \(good.dropLast(4))AAAA", "INVALID_TOKEN"),
        ("Bearer x.y.z", "INVALID_TOKEN"),
        ("Bearer \(gateway.token(issuedAtMs: now - 960_000))", "EXPIRED_TOKEN"), (good, "INVALID_TOKEN"),
        ("Bearer \(String(repeating: "a", count: 3000))", "INVALID_TOKEN"),
      ]
      for (authorization, code) in cases {
        let answer = try await gateway.get("/decks/x", "Authorization: \(authorization)\r\n")
        #expect(answer.status == 401 && answer.code == code, "\(authorization.prefix(20)): \(answer.text)")
        #expect(answer.values("www-authenticate").first?.hasPrefix("Bearer") == true)
        #expect(answer.values("cache-control") == ["private, no-store"])
      }
      #expect(
        try await gateway.get("/decks/x", "Authorization: Bearer \(good)\r\nAuthorization: Bearer \(good)\r\n").status
          == 400)
      #expect(upstream.received.isEmpty)
      // What the next hop only is told is not told to us.
      #expect(
        try await gateway.get("/decks/x", "Authorization: nonsense\r\nConnection: Authorization\r\n").status == 200)
      #expect(
        upstream.received.last?.values("x-user-id") == [] && upstream.received.last?.values("authorization") == [])
    }
  }

  @Test func aKeyThatIsNotKnownIsFetchedOnce() async throws {
    let upstream = TestUpstream { _, _ in .answer(TestUpstream.ok()) }
    try await LiveGateway.run(Self.decks(upstream)) { gateway in
      let stranger = TokenSigner(.init())
      let now = Int64(Date().timeIntervalSince1970 * 1000)
      let claims = TokenClaims(
        subject: 1, isManager: true, tokenID: "t", familyID: "f", issuedAtMs: now, expiresAt: now / 1000 + 900)
      for _ in 0..<3 {
        let answer = try await gateway.get(
          "/decks/x", "Authorization: Bearer \(stranger.sign(claims, as: .access))\r\n")
        #expect(answer.status == 401 && answer.code == "INVALID_TOKEN")
      }
      #expect(upstream.received.isEmpty)
      #expect(gateway.auth.received.map(\.line) == Array(repeating: "GET /.well-known/jwks.json HTTP/1.1", count: 2))
    }
  }

  @Test func withoutKeysWhoIsLoggedInWaitsAndWhoIsNotIsServed() async throws {
    let upstream = TestUpstream { _, _ in .answer(TestUpstream.ok()) }
    var options = Self.decks(upstream)
    options.waitsUntilReady = false
    options.auth = { _, _ in .answer("HTTP/1.1 500 Oops\r\nContent-Length: 0\r\n\r\n") }
    try await LiveGateway.run(options) { gateway in
      #expect(try await gateway.get("/decks/x").status == 200)
      let answer = try await gateway.get("/decks/x", "Authorization: Bearer \(gateway.token())\r\n")
      #expect(answer.status == 503 && answer.code == "TOKEN_KEYS_UNAVAILABLE" && answer.values("retry-after") == ["2"])
      let ready = try await gateway.get("/health/ready")
      #expect(ready.status == 503 && ready.body.contains("keys have not been fetched"))
    }
  }

  @Test func whatIsNotForTheWorldIsNotThere() async throws {
    let upstream = TestUpstream { _, _ in .answer(TestUpstream.ok()) }
    var options = Self.decks(upstream)
    options.upstreams[.users] = upstream.url
    try await LiveGateway.run(options) { gateway in
      for path in [
        "/", "/nothing", "/users/verify_user", "/users/verify_user/", "/users/%76erify_user", "/decks/metrics",
        "/decks/health/ready", "/auth/internal/revoke", "/teaching/courses",
      ] {
        let answer = try await gateway.get(path)
        #expect(answer.status == 404 && answer.code == "NOT_FOUND", "\(path)")
      }
      #expect(upstream.received.isEmpty)
      #expect(try await gateway.get("/health/live").status == 200)
      #expect(
        try await gateway.get("/metrics").body.contains("gateway_http_requests_total{route=\"none\",status=\"404\"}"))
    }
  }

  @Test func connectionsAreKeptOnBothSides() async throws {
    let upstream = TestUpstream { _, count in
      count == 3 ? .last(TestUpstream.ok("last", "Connection: close\r\n")) : .answer(TestUpstream.ok("\(count)"))
    }
    try await LiveGateway.run(Self.decks(upstream)) { gateway in
      let connection = try gateway.connect()
      var bodies: [String] = []
      for _ in 0..<5 {
        connection.send("GET /decks/x HTTP/1.1\r\nHost: test\r\n\r\n")
        bodies.append(try await connection.answer().body)
      }
      #expect(bodies == ["1", "2", "last", "4", "5"])
      #expect(upstream.received.map(\.connection) == [1, 1, 1, 2, 2])
    }
  }

  /// Sent ahead, requests are answered in their order, also those that are the gateway's own.
  @Test func requestsSentAheadAreAnsweredInOrder() async throws {
    let upstream = TestUpstream { received, _ in
      if received.line.contains("slow") { usleep(100_000) }
      return .answer(TestUpstream.ok(received.line))
    }
    try await LiveGateway.run(Self.decks(upstream)) { gateway in
      let connection = try gateway.connect()
      let paths = [
        "/decks/slow", "/health/live", "/decks/two", "/nothing", "/health/live", "/decks/slow3", "/decks/four",
      ]
      connection.send(paths.map { "GET \($0) HTTP/1.1\r\nHost: test\r\n\r\n" }.joined())
      connection.send("POST /decks/five HTTP/1.1\r\nHost: test\r\nContent-Length: 2\r\nConnection: close\r\n\r\nhi")
      let all = try #require(try await connection.untilClosed())
      let order = [
        "/api/slow ", "\"live\"", "/api/two", "NOT_FOUND", "\"live\"", "/api/slow3", "/api/four", "POST /api/five",
      ]
      var rest = all[...]
      for mark in order {
        let found = try #require(rest.range(of: mark), "\(mark) in \(all)")
        rest = rest[found.upperBound...]
      }
      #expect(all.ranges(of: #/HTTP/1\.1 \d{3}/#).count == 8)
    }
  }

  @Test func answersWithoutABodyHaveNone() async throws {
    let upstream = TestUpstream { received, _ in
      if received.line.hasPrefix("HEAD /api/known") { return .answer("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n") }
      if received.line.hasPrefix("HEAD") { return .answer("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n") }
      if received.line.contains("304") { return .answer("HTTP/1.1 304 Not Modified\r\nETag: \"x\"\r\n\r\n") }
      return .answer("HTTP/1.1 204 No Content\r\n\r\n")
    }
    try await LiveGateway.run(Self.decks(upstream)) { gateway in
      let connection = try gateway.connect()
      connection.send("HEAD /decks/known HTTP/1.1\r\nHost: test\r\n\r\n")
      let head = try await connection.answer(to: "HEAD")
      #expect(head.values("content-length") == ["5"] && head.body == "")
      for (path, status) in [("/decks/304", 304), ("/decks/204", 204), ("/decks/304", 304)] {
        connection.send("GET \(path) HTTP/1.1\r\nHost: test\r\n\r\n")
        let answer = try await connection.answer()
        #expect(answer.status == status && answer.body == "", "\(answer.text)")
        #expect(answer.values("transfer-encoding") == [])
      }
      connection.send("HEAD /decks/unknown HTTP/1.1\r\nHost: test\r\n\r\n")
      let unknown = try #require(try await connection.untilClosed())
      #expect(unknown.contains(" 200 OK") && unknown.hasSuffix("\r\n\r\n") && !unknown.contains("\r\n0\r\n"))
    }
  }

  @Test func answersOfAnyFramingArrive() async throws {
    let upstream = TestUpstream { received, _ in
      if received.line.contains("chunked") {
        return .answer(
          "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\nX-Trailer: 1\r\n\r\n")
      }
      return .last("HTTP/1.1 200 OK\r\n\r\nto the end")
    }
    try await LiveGateway.run(Self.decks(upstream)) { gateway in
      let chunked = try await gateway.get("/decks/chunked")
      #expect(
        chunked.values("transfer-encoding") == ["chunked"] && chunked.body.contains("abc")
          && chunked.body.contains("de"))
      let ended = try await gateway.get("/decks/ended")
      #expect(ended.body.contains("to the end") && ended.body.hasSuffix("0\r\n\r\n"))
      let old = try gateway.connect()
      old.send("GET /decks/chunked HTTP/1.0\r\n\r\n")
      let text = try #require(try await old.untilClosed())
      #expect(text.hasPrefix("HTTP/1.0 200") && text.hasSuffix("\r\n\r\nabcde"), "\(text)")
    }
  }

  @Test func aBodyIsAskedForOnceItIsWanted() async throws {
    let upstream = TestUpstream { received, _ in .answer(TestUpstream.ok("\(received.body.count)")) }
    try await LiveGateway.run(Self.decks(upstream)) { gateway in
      let connection = try gateway.connect()
      connection.send("POST /decks/x HTTP/1.1\r\nHost: test\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n")
      #expect(try await connection.received() == "HTTP/1.1 100 Continue\r\n\r\n")
      connection.send("abc")
      #expect(try await connection.answer().body == "3")
      #expect(upstream.received.last?.values("expect") == [])
      // Refused, it is not wanted at all, and what comes next is no request.
      connection.send("POST /nothing HTTP/1.1\r\nHost: test\r\nExpect: 100-continue\r\nContent-Length: 40\r\n\r\n")
      let refused = try #require(try await connection.untilClosed())
      #expect(refused.hasPrefix("HTTP/1.1 404") && refused.lowercased().contains("connection: close"))
      let other = try await gateway.ask(
        "POST /decks/x HTTP/1.1\r\nHost: test\r\nExpect: wonders\r\nContent-Length: 0\r\n\r\n")
      #expect(other.status == 417)
    }
  }

  @Test func theRestOfARefusedRequestIsPassedOver() async throws {
    let upstream = TestUpstream { _, _ in .answer(TestUpstream.ok("reached")) }
    try await LiveGateway.run(Self.decks(upstream)) { gateway in
      let connection = try gateway.connect()
      connection.send("POST /nothing HTTP/1.1\r\nHost: test\r\nContent-Length: 37\r\n\r\nGET /decks/smuggled")
      #expect(try await connection.answer().status == 404)
      connection.send(" HTTP/1.1\r\nHost: xGET /decks/x HTTP/1.1\r\nHost: test\r\n\r\n")
      #expect(try await connection.answer().body == "reached")
      #expect(upstream.received.map(\.line) == ["GET /api/x HTTP/1.1"])
      // Chunks have no known end: that connection is not used again.
      let chunked = try gateway.connect()
      chunked.send("POST /nothing HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabc")
      let answer = try #require(try await chunked.untilClosed())
      #expect(answer.hasPrefix("HTTP/1.1 404") && answer.lowercased().contains("connection: close"))
    }
  }
}
