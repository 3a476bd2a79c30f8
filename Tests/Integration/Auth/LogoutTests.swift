import Auth
import HTTPServiceTesting
import RealServers
import Redis
import ServiceContract
import Testing

@Suite struct AuthLogoutTests {
  private func isRevoked(_ bench: AuthBench, _ tokens: AuthBench.Tokens) async throws -> Bool {
    let claims = try tokens.claims(bench, .access)
    let replies = try await bench.redis.send(pipeline: [
      RedisCommand("EXISTS", RevocationKeys.token(.access, claims.tokenID)),
      RedisCommand("GET", RevocationKeys.person(claims.subject)),
    ])
    let notBefore = replies[1].text.flatMap { Int64($0) } ?? 0
    return replies[0].integer == 1 || claims.isIssued(before: notBefore)
  }

  @Test func bothTokensAreRefused() async throws {
    let bench = try await AuthBench()
    defer { bench.stop() }
    let person = bench.person()
    let (here, there) = (try await bench.logIn(person), try await bench.logIn(person))
    let log = FeedLog()
    let feed = RedisSubscription(bench.redis.configuration, channels: [RevocationKeys.channel]) { log.add($0) }
    defer { feed.close() }
    #expect(log.wait { $0 == .subscribed })
    let answer = try await bench.send(
      "POST", "/api/logout", as: person, with: here, cookie: "refresh_token=\(here.refresh)")
    #expect(answer.status == 200 && answer.text == "{\"access\":null,\"refresh\":null}\n")
    #expect(answer[header: "Set-Cookie"]?.hasPrefix("refresh_token=; Max-Age=0;") == true)
    #expect(try await isRevoked(bench, here))
    #expect(try await bench.refresh(here.refresh).status == 401)
    #expect(try await !isRevoked(bench, there))
    #expect(try await bench.refresh(there.refresh).status == 200)
    // And who follows the channel has heard of it.
    let claims = try here.claims(bench, .access)
    let expected = Revocation.token(.access, id: claims.tokenID, expiresAt: claims.expiresAt)
    #expect(
      log.wait { event in
        guard case .message(_, let payload) = event else { return false }
        return Revocation(message: String(decoding: payload, as: UTF8.self)) == expected
      }, "\(log.messages)")
    let refresh = try here.claims(bench, .refresh)
    let key = RevocationKeys.token(.refresh, refresh.tokenID)
    #expect(try await bench.redis.send(RedisCommand("EXISTS", key)).integer == 1)
  }

  @Test func eitherTokenIsEnough() async throws {
    let bench = try await AuthBench()
    defer { bench.stop() }
    let person = bench.person()
    let (first, second) = (try await bench.logIn(person), try await bench.logIn(person))
    #expect(try await bench.send("POST", "/api/logout", as: person, with: first).status == 200)
    #expect(try await bench.refresh(first.refresh).status == 401)
    // With an access token that has expired, the gateway lets through who has none.
    #expect(try await bench.send("POST", "/api/logout", #"{"refresh":"\#(second.refresh)"}"#).status == 200)
    #expect(try await isRevoked(bench, second))
    let nobody = try await bench.send("POST", "/api/logout", cookie: "refresh_token=x")
    #expect(nobody.status == 401 && nobody[header: "Set-Cookie"]?.contains("Max-Age=0") == true)
  }

  /// A token of one person does not end another's session.
  @Test func onlyOnesOwn() async throws {
    let bench = try await AuthBench()
    defer { bench.stop() }
    let (me, other) = (bench.person(), bench.person())
    let theirs = try await bench.logIn(other)
    #expect(
      try await bench.send("POST", "/api/logout", as: me, with: theirs, cookie: "refresh_token=\(theirs.refresh)")
        .status == 200)
    #expect(try await bench.refresh(theirs.refresh).status == 200)
  }

  @Test func everywhereAndWhoAskedGoesOn() async throws {
    let bench = try await AuthBench()
    defer { bench.stop() }
    let person = bench.person(isManager: true)
    let (here, there) = (try await bench.logIn(person), try await bench.logIn(person))
    let answer = try await bench.send("POST", "/api/logout", #"{"all":true}"#, as: person, with: here)
    #expect(answer.status == 200, "\(answer.text)")
    let new = try AuthBench.tokens(answer)
    #expect(new.cookie.hasPrefix("refresh_token=\(new.refresh); "))
    for tokens in [here, there] {
      #expect(try await isRevoked(bench, tokens))
      #expect(try await bench.refresh(tokens.refresh).status == 401)
    }
    #expect(try await !isRevoked(bench, new))
    #expect(try new.claims(bench, .access).isManager)
    #expect(try await bench.refresh(new.refresh).status == 200)
    // By a refresh token alone: one that has been ended ends nothing.
    let stale = try await bench.send("POST", "/api/logout", #"{"all":true,"refresh":"\#(here.refresh)"}"#)
    #expect(stale.status == 401)
    let live = try AuthBench.tokens(
      try await bench.send(
        "POST", "/api/logout", #"{"all":true}"#, cookie: "refresh_token=\(bench.logIn(person).refresh)"))
    #expect(try await bench.refresh(new.refresh).status == 401)
    #expect(try await bench.refresh(live.refresh).status == 200)
  }

  @Test func anotherServiceEndsAllOfAPersons() async throws {
    let bench = try await AuthBench()
    defer { bench.stop() }
    let (person, other) = (bench.person(), bench.person())
    let (tokens, others) = (try await bench.logIn(person), try await bench.logIn(other))
    let body = #"{"user_id":\#(person.id)}"#
    #expect(try await bench.send("POST", "/api/internal/revoke", body, as: person).status == 401)
    #expect(try await bench.send("POST", "/api/internal/revoke", body, as: bench.person(isManager: true)).status == 401)
    #expect(try await bench.direct("POST", "/api/internal/revoke", body).status == 401)
    #expect(try await !isRevoked(bench, tokens))
    let service = ["X-Service-Auth": AuthBench.serviceSecret, "X-Service-Name": "users"]
    #expect(try await bench.direct("POST", "/api/internal/revoke", body, headers: service).status == 204)
    #expect(try await isRevoked(bench, tokens))
    #expect(try await bench.refresh(tokens.refresh).status == 401)
    #expect(try await bench.refresh(others.refresh).status == 200)
    let left = try await bench.redis.send(RedisCommand("TTL", RevocationKeys.person(person.id))).integer ?? 0
    #expect(left > 5 * 86_400)
    // The next login, within the same second, is good.
    let next = try await bench.logIn(person)
    #expect(try await !isRevoked(bench, next))
    #expect(try await bench.refresh(next.refresh).status == 200)
  }

  @Test func aNewPasswordEndsAllOtherSessions() async throws {
    let bench = try await AuthBench(failuresPerAccount: 3)
    defer { bench.stop() }
    bench.users.state.withLock { $0.whileChanging = { [unowned bench] in bench.revokeBlocking($0) } }
    let person = bench.person()
    let (here, there) = (try await bench.logIn(person), try await bench.logIn(person))
    func change(_ old: String, _ new: String) async throws -> RouterAnswer {
      try await bench.send(
        "POST", "/api/password", #"{"old_password":"\#(old)","new_password":"\#(new)"}"#, as: person, with: here)
    }
    let common = try await change(person.password, "password")
    #expect(common.status == 422 && common.details == ["new_password: is common"])
    let wrong = try await change("wrong", "long enough")
    #expect(wrong.status == 403 && wrong.code == "OLD_PASSWORD_WRONG")
    #expect(try await bench.refresh(there.refresh).status == 200)
    let answer = try await change(person.password, "long enough")
    #expect(answer.status == 200, "\(answer.text)")
    let new = try AuthBench.tokens(answer)
    for tokens in [here, there] { #expect(try await isRevoked(bench, tokens)) }
    #expect(try await !isRevoked(bench, new))
    #expect(try await bench.refresh(new.refresh).status == 200)
    #expect(try await bench.tryLogin(person.email, person.password).status == 401)
    #expect(try await bench.tryLogin(person.email, "long enough").status == 201)
    // Who holds a stolen access token finds no password out by trying.
    for _ in 0..<2 { #expect(try await change("wrong", "long enough").status == 403) }
    #expect(try await change("wrong", "long enough").status == 429)
  }
}
