import Auth
import Digests
import HTTPServiceTesting
import Redis
import ServiceContract
import Testing

@Suite struct AuthRefreshTests {
  private func pair(_ answer: RouterAnswer) throws -> AuthBench.Tokens {
    #expect(answer.status == 200, "\(answer.text)")
    return try AuthBench.tokens(answer)
  }

  @Test func aRefreshTokenBecomesANewPair() async throws {
    let bench = try await AuthBench()
    defer { bench.stop() }
    let person = bench.person(isManager: true)
    let first = try await bench.logIn(person)
    bench.advance(milliseconds: 60_000)
    let second = try pair(try await bench.refresh(first.refresh))
    let (old, new) = (try first.claims(bench, .refresh), try second.claims(bench, .refresh))
    #expect(new.familyID == old.familyID && new.tokenID != old.tokenID && new.subject == person.id)
    #expect(new.expiresAt >= old.expiresAt + 60)
    #expect(try second.claims(bench, .access).isManager)
    #expect(second.cookie.hasPrefix("refresh_token=\(second.refresh); "))
    // In the body too, for clients without cookies; it goes before the cookie.
    let third = try pair(
      try await bench.send(
        "POST", "/api/refresh", #"{"refresh":"\#(second.refresh)"}"#, cookie: "refresh_token=\(first.refresh)"))
    #expect(try third.claims(bench, .refresh).familyID == old.familyID)
    #expect(bench.metrics.exposition().contains("\nauth_refreshes_total{outcome=\"new\"} 2\n"))
  }

  /// Eight at once with one token: one pair, and each can go on with it.
  @Test func twoTabsAtOnce() async throws {
    let bench = try await AuthBench()
    defer { bench.stop() }
    let first = try await bench.logIn(bench.person())
    let pairs = try await withThrowingTaskGroup(of: AuthBench.Tokens.self) { group in
      for _ in 0..<8 { group.addTask { try pair(try await bench.refresh(first.refresh)) } }
      return try await group.reduce(into: [AuthBench.Tokens]()) { $0.append($1) }
    }
    let claims = try pairs.map { (try $0.claims(bench, .refresh), try $0.claims(bench, .access)) }
    #expect(claims.allSatisfy { $0 == claims[0] }, "one pair for all")
    let next = try pair(try await bench.refresh(pairs[0].refresh))
    #expect(try pair(try await bench.refresh(pairs[7].refresh)).claims(bench, .refresh) == next.claims(bench, .refresh))
    #expect(bench.metrics.exposition().contains("\nauth_refreshes_total{outcome=\"repeated\"} 8\n"))
  }

  /// An answer that was lost is asked for again.
  @Test func theParentIsGoodForTenSeconds() async throws {
    let bench = try await AuthBench()
    defer { bench.stop() }
    let first = try await bench.logIn(bench.person())
    let second = try pair(try await bench.refresh(first.refresh))
    bench.advance(milliseconds: 9_000)
    let again = try pair(try await bench.refresh(first.refresh))
    #expect(try again.claims(bench, .refresh) == second.claims(bench, .refresh))
    bench.advance(milliseconds: 1_100)
    let late = try await bench.refresh(first.refresh)
    #expect(late.status == 401 && late.code == "REFRESH_TOKEN_REUSED")
    #expect(late[header: "Set-Cookie"]?.hasPrefix("refresh_token=; Max-Age=0;") == true)
    // The session is over for whoever holds the newest token as well.
    let rest = try await bench.refresh(second.refresh)
    #expect(rest.status == 401 && rest.code == "INVALID_REFRESH_TOKEN")
    try await revoked(bench, [first, second])
  }

  @Test func theGrandparentEndsTheSessionAtOnce() async throws {
    let bench = try await AuthBench()
    defer { bench.stop() }
    let person = bench.person()
    let elsewhere = try await bench.logIn(person)
    var chain = [try await bench.logIn(person)]
    for _ in 0..<2 { chain.append(try pair(try await bench.refresh(chain.last!.refresh))) }
    let stolen = try await bench.refresh(chain[0].refresh)
    #expect(stolen.status == 401 && stolen.code == "REFRESH_TOKEN_REUSED")
    for tokens in chain { #expect(try await bench.refresh(tokens.refresh).status == 401) }
    try await revoked(bench, chain)
    #expect(try await bench.refresh(elsewhere.refresh).status == 200, "another login is another family")
    #expect(bench.metrics.exposition().contains("\nauth_refreshes_total{outcome=\"reused\"} 1\n"))
  }

  /// Each access token of the family stands where the gateway looks, until it has expired.
  private func revoked(_ bench: AuthBench, _ pairs: [AuthBench.Tokens]) async throws {
    for pair in pairs {
      let claims = try pair.claims(bench, .access)
      let replies = try await bench.redis.send(pipeline: [
        RedisCommand("GET", RevocationKeys.token(.access, claims.tokenID)),
        RedisCommand("EXPIRETIME", RevocationKeys.token(.access, claims.tokenID)),
      ])
      #expect(replies[0].text == "1" && replies[1].integer == Int(claims.expiresAt + 30))
    }
  }

  @Test func whatIsNoRefreshToken() async throws {
    let bench = try await AuthBench()
    defer { bench.stop() }
    let tokens = try await bench.logIn(bench.person())
    let claims = try tokens.claims(bench, .refresh)
    let forged = TokenSigner(P256PrivateKey()).sign(claims, as: .refresh)
    for token in [tokens.access, "", "x", forged, tokens.refresh + "=", String(tokens.refresh.dropLast(4)) + "AAAA"] {
      let answer = try await bench.refresh(token)
      #expect(answer.status == 401 && answer.code == "INVALID_REFRESH_TOKEN", "\(answer.text)")
    }
    #expect(try await bench.send("POST", "/api/refresh").status == 401)
    #expect(try await bench.send("POST", "/api/refresh", #"{"refresh":5}"#).status == 422)
    #expect(try await bench.refresh(tokens.refresh).status == 200, "none of that has ended the session")
    bench.advance(milliseconds: 5 * 86_400_000 + 31_000)
    #expect(try await bench.refresh(tokens.refresh).status == 401)
  }

  /// However often a client refreshes, what is kept of it is bounded, and what is dropped is refused.
  @Test func aSessionKeepsSoManyAccessTokens() async throws {
    let bench = try await AuthBench()
    defer { bench.stop() }
    var chain = [try await bench.logIn(bench.person())]
    for _ in 0..<40 {
      bench.advance(milliseconds: 1000)
      chain.append(try pair(try await bench.refresh(chain.last!.refresh)))
    }
    let family = try chain[0].claims(bench, .access).familyID
    #expect(try await bench.redis.send(RedisCommand("ZCARD", "session:\(family):access")).integer == 32)
    try await revoked(bench, [chain[0], chain[8]])
    let newest = try chain[40].claims(bench, .access).tokenID
    #expect(try await bench.redis.send(RedisCommand("EXISTS", RevocationKeys.token(.access, newest))).integer == 0)
  }
}
