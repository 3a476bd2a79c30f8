import Gateway
import Testing

/// Clients: who they are, how much they may ask, and from which pages.
@Suite(.serialized, .timeLimit(.minutes(2))) struct ClientLimitTests {
  @Test func eachHasItsOwnLimit() async throws {
    let upstream = TestUpstream { _, _ in .answer(TestUpstream.ok()) }
    var options = LiveGateway.Options(upstreams: [.decks: upstream.url])
    options.rateLimit = RateLimitPolicy(requests: 3, window: .seconds(3600))
    options.proxies = ["127.0.0.0/8"]
    try await LiveGateway.run(options) { gateway in
      func ask(_ address: String, _ token: String? = nil) async throws -> RawAnswer {
        try await gateway.get(
          "/decks/x", "X-Forwarded-For: \(address)\r\n" + (token.map { "Authorization: Bearer \($0)\r\n" } ?? ""))
      }
      let first = try await ask("203.0.113.9")
      #expect(first.status == 200 && first.values("ratelimit-policy") == ["\"default\";q=3;w=3600"])
      #expect(first.values("ratelimit") == ["\"default\";r=2;t=1200"])
      for _ in 0..<2 { #expect(try await ask("203.0.113.9").status == 200) }
      let refused = try await ask("203.0.113.9")
      #expect(
        refused.status == 429 && refused.code == "TOO_MANY_REQUESTS"
          && refused.values("ratelimit").first?.contains("r=0;") == true)
      let wait = try #require(refused.values("retry-after").first.flatMap { Int($0) })
      #expect((1100...1200).contains(wait))
      #expect(upstream.received.count == 3)
      // Another address, and people wherever they are.
      #expect(try await ask("203.0.113.10").status == 200)
      let (one, other) = (gateway.token(1), gateway.token(2))
      for address in ["203.0.113.9", "203.0.113.11", "203.0.113.12"] {
        #expect(try await ask(address, one).status == 200)
      }
      #expect(try await ask("203.0.113.13", one).status == 429)
      #expect(try await ask("203.0.113.13", gateway.token(1)).status == 429, "another token is the same person")
      #expect(try await ask("203.0.113.9", other).status == 200)
      // Bad tokens count against their address.
      for _ in 0..<3 { #expect(try await ask("203.0.113.20", "x.y.z").status == 401) }
      #expect(try await ask("203.0.113.20", "x.y.z").status == 429)
      #expect(upstream.received.last?.values("x-forwarded-for") == ["203.0.113.9, 127.0.0.1"])
      #expect(gateway.log.all.contains { $0.contains("\"client\":\"203.0.113.20\"") })
    }
  }

  @Test func aStrangerCannotBeSomebodyElse() async throws {
    let upstream = TestUpstream { _, _ in .answer(TestUpstream.ok()) }
    var options = LiveGateway.Options(upstreams: [.decks: upstream.url])
    options.rateLimit = RateLimitPolicy(requests: 3, window: .seconds(3600))
    try await LiveGateway.run(options) { gateway in
      var statuses: [Int] = []
      for number in 0..<4 {
        statuses.append(try await gateway.get("/decks/x", "X-Forwarded-For: 203.0.113.\(number)\r\n").status)
      }
      #expect(statuses == [200, 200, 200, 429])
      #expect(upstream.received.allSatisfy { $0.values("x-forwarded-for") == ["127.0.0.1"] })
    }
  }

  @Test func pagesOfKnownOriginsMayAsk() async throws {
    let upstream = TestUpstream { _, _ in .answer(TestUpstream.ok("ok", "Access-Control-Allow-Origin: *\r\n")) }
    var options = LiveGateway.Options(upstreams: [.decks: upstream.url])
    options.origins = ["https://cards.example"]
    try await LiveGateway.run(options) { gateway in
      let preflight = "Access-Control-Request-Method: PUT\r\nAccess-Control-Request-Headers: authorization\r\n"
      let allowed = try await gateway.ask(
        "OPTIONS /decks/x HTTP/1.1\r\nHost: test\r\nOrigin: https://cards.example\r\n\(preflight)\r\n")
      #expect(allowed.status == 204 && allowed.values("access-control-allow-origin") == ["https://cards.example"])
      #expect(allowed.values("access-control-allow-credentials") == ["true"])
      #expect(allowed.values("access-control-allow-methods").first?.contains("PUT") == true)
      #expect(allowed.values("access-control-allow-headers").first?.contains("Authorization") == true)
      let refused = try await gateway.ask(
        "OPTIONS /decks/x HTTP/1.1\r\nHost: test\r\nOrigin: https://evil.example\r\n\(preflight)\r\n")
      #expect(refused.status == 403 && refused.code == "ORIGIN_REFUSED")
      #expect(refused.values("access-control-allow-origin") == [])
      #expect(upstream.received.isEmpty)
      let answer = try await gateway.get("/decks/x", "Origin: https://cards.example\r\n")
      #expect(answer.values("access-control-allow-origin") == ["https://cards.example"])
      #expect(answer.values("access-control-expose-headers").first?.contains("X-Next-Cursor") == true)
      let stranger = try await gateway.get("/decks/x", "Origin: https://evil.example\r\n")
      #expect(
        stranger.status == 200 && stranger.values("access-control-allow-origin") == []
          && stranger.values("vary") == ["Origin"])
      // A failure too, or no page could read it.
      let failure = try await gateway.get("/nothing", "Origin: https://cards.example\r\n")
      #expect(failure.status == 404 && failure.values("access-control-allow-origin") == ["https://cards.example"])
    }
  }
}
