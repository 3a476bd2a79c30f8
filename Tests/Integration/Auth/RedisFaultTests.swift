import Auth
import Foundation
import HTTPServiceTesting
import RealServers
import Redis
import ServiceContract
import Testing

/// Redis killed, frozen and emptied under the service.
@Suite(.serialized) struct AuthRedisFaultTests {
  private func unavailable(_ answer: RouterAnswer) {
    #expect(answer.status == 503 && answer.code == "SESSION_STORE_UNAVAILABLE", "\(answer.text)")
    #expect(answer[header: "Retry-After"] != nil && answer[header: "Set-Cookie"] == nil, "no session is thrown away")
  }

  @Test(.timeLimit(.minutes(2))) func killedFrozenAndEmptied() async throws {
    let profile = ServerProfile()
    defer { profile.stop() }
    try profile.start(["redis"])
    let url = try #require(try profile.environment()["REDIS_URL"])
    let bench = try await AuthBench(redis: url)
    defer { bench.stop() }
    let person = bench.person()
    var tokens = try await bench.logIn(person)
    let ended = try await bench.logIn(person)
    #expect(try await bench.send("POST", "/api/logout", as: person, with: ended).status == 200)

    try profile.killNine("redis")
    unavailable(try await bench.refresh(tokens.refresh))
    unavailable(try await bench.tryLogin(person.email, person.password))
    unavailable(try await bench.send("POST", "/api/logout", as: person, with: tokens))
    unavailable(try await bench.send("GET", "/api/sessions", as: person, with: tokens))
    let verified = bench.users.count("POST /api/verify_user")
    #expect(try await bench.send("GET", "/health/ready").status == 503)
    try profile.start(["redis"])
    // All that was answered before is known after it.
    tokens = try await back(bench, tokens)
    #expect(try await bench.refresh(ended.refresh).status == 401)
    #expect(bench.users.count("POST /api/verify_user") == verified, "nothing is verified that cannot be counted")

    try profile.signalAll("redis", SIGSTOP)
    let start = ContinuousClock.now
    unavailable(try await bench.refresh(tokens.refresh))
    #expect(ContinuousClock.now - start < .seconds(5))
    try profile.signalAll("redis", SIGCONT)
    // Whether the exchange was done, nobody knew: the same token gives the pair that came of it.
    tokens = try await back(bench, tokens)

    try await emptied(bench, person, tokens)
  }

  private func back(_ bench: AuthBench, _ tokens: AuthBench.Tokens) async throws -> AuthBench.Tokens {
    for _ in 0..<100 {
      let answer = try await bench.refresh(tokens.refresh)
      if answer.status == 200 { return try AuthBench.tokens(answer) }
      #expect(answer.status == 503, "\(answer.text)")
      try await Task.sleep(for: .milliseconds(100))
    }
    throw Failure("Redis does not come back")
  }

  /// No token lives again: not those revoked, and none issued before.
  private func emptied(
    _ bench: AuthBench, _ person: StubUsers.Person, _ tokens: AuthBench.Tokens
  ) async throws {
    try await bench.redis.send(RedisCommand("FLUSHALL"))
    #expect(try await bench.refresh(tokens.refresh).status == 401)
    let marker = try await bench.redis.send(RedisCommand("GET", RevocationKeys.marker)).text.flatMap { Int64($0) }
    #expect(try tokens.claims(bench, .access).isIssued(before: try #require(marker)))
    let next = try await bench.logIn(person)
    #expect(try await bench.refresh(next.refresh).status == 200)
    #expect(try !next.claims(bench, .access).isIssued(before: marker ?? .max))
    // A login that meets an emptied Redis is the first of the new time, and readiness sets the marker too.
    try await bench.redis.send(RedisCommand("FLUSHALL"))
    let first = try await bench.logIn(person)
    #expect(try await bench.refresh(first.refresh).status == 200)
    try await bench.redis.send(RedisCommand("FLUSHALL"))
    #expect(try await bench.send("GET", "/health/ready").status == 200)
    #expect(try await bench.redis.send(RedisCommand("EXISTS", RevocationKeys.marker)).integer == 1)
    #expect(try await bench.refresh(first.refresh).status == 401)
  }
}
