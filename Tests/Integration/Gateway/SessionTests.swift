import Foundation
import Gateway
import HTTPService
import RealServers
import Redis
import ServiceContract
import Testing

/// Revoked tokens, and a Redis that is killed, frozen, or emptied.
@Suite(.serialized, .timeLimit(.minutes(4))) struct SessionTests {
  private static func ask(_ gateway: LiveGateway, _ token: String?) async throws -> RawAnswer {
    try await gateway.get("/decks/x", token.map { "Authorization: Bearer \($0)\r\n" } ?? "")
  }

  private static func becomes(_ status: Int, _ gateway: LiveGateway, _ token: String) async throws -> Bool {
    for _ in 0..<400 {
      if try await ask(gateway, token).status == status { return true }
      try await Task.sleep(for: .milliseconds(25))
    }
    return false
  }

  /// As auth does it.
  private static func revoke(_ revocation: Revocation, _ redis: RedisClient, publishes: Bool = true) async throws {
    let lifetime = Int(TokenKind.access.lifetimeSeconds)
    try await redis.send(RedisCommand("SET", revocation.key, revocation.value, "EX", lifetime))
    if publishes { try await redis.send(RedisCommand("PUBLISH", RevocationKeys.channel, revocation.message)) }
  }

  @Test func whatIsRevokedIsRefusedAtOnceAndByTheNextGateway() async throws {
    let upstream = TestUpstream { _, _ in .answer(TestUpstream.ok()) }
    let redis = RedisClient(try RedisServer.configuration())
    defer { redis.close() }
    let now = Int64(Date().timeIntervalSince1970)
    // Nobody else's.
    let (person, other) = (Int64.random(in: 1_000_000_000...2_000_000_000), Int64.random(in: 1...1_000_000_000))
    let (id, published, stored) = (UUID().uuidString, UUID().uuidString, UUID().uuidString)
    try await Self.revoke(.token(.access, id: stored, expiresAt: now + 900), redis, publishes: false)
    try await LiveGateway.run(.init(upstreams: [.decks: upstream.url])) { gateway in
      #expect(try await Self.ask(gateway, gateway.token(other, id: stored)).status == 401, "read at the start")
      let token = gateway.token(other, id: id)
      #expect(try await Self.ask(gateway, token).status == 200)
      try await Self.revoke(.token(.access, id: id, expiresAt: now + 900), redis)
      #expect(try await Self.becomes(401, gateway, token))
      #expect(try await Self.ask(gateway, token).code == "REVOKED_TOKEN")
      #expect(
        try await Self.ask(gateway, gateway.token(other, id: published)).status == 200, "the person's others hold")
      // Log out everywhere: what was issued before, and not what was issued then.
      let notBefore = Int64(Date().timeIntervalSince1970 * 1000)
      let (old, new) = (gateway.token(person, issuedAtMs: notBefore - 1), gateway.token(person, issuedAtMs: notBefore))
      #expect(try await Self.ask(gateway, old).status == 200)
      try await Self.revoke(.person(person, notBeforeMs: notBefore), redis)
      #expect(try await Self.becomes(401, gateway, old))
      #expect(try await Self.ask(gateway, new).status == 200)
      #expect(gateway.metrics.exposition().contains("gateway_token_cache_total{result=\"hit\"}"))
    }
  }

  @Test func killedFrozenAndEmptiedItRevivesNoToken() async throws {
    let profile = ServerProfile()
    defer { profile.stop() }
    try profile.start(["redis"])
    let url = try #require(try profile.environment()["REDIS_URL"])
    let upstream = TestUpstream { _, _ in .answer(TestUpstream.ok()) }
    var options = LiveGateway.Options(upstreams: [.decks: upstream.url])
    options.redisURL = url
    try await LiveGateway.run(options) { gateway in
      let redis = RedisClient(try RedisServer.configuration(url))
      defer { redis.close() }
      let (token, revoked) = (gateway.token(), gateway.token(id: "revoked"))
      let now = Int64(Date().timeIntervalSince1970)
      try await Self.revoke(.token(.access, id: "revoked", expiresAt: now + 900), redis)
      #expect(try await Self.becomes(401, gateway, revoked))
      #expect(try await Self.ask(gateway, token).status == 200)
      try await Self.frozen(profile, gateway, token, revoked)
      try await Self.killed(profile, gateway, token, revoked)
      try await Self.emptied(redis, gateway, token, revoked)
    }
    options.drain = Drain()
    // Another gateway, which never knew what was revoked before Redis was emptied.
    try await LiveGateway.run(options) { gateway in
      let before = gateway.token(issuedAtMs: Int64(Date().timeIntervalSince1970 * 1000) - 60_000)
      let refused = try await Self.ask(gateway, before)
      #expect(refused.status == 401 && refused.code == "REVOKED_TOKEN")
      #expect(try await Self.ask(gateway, gateway.token()).status == 200)
    }
  }

  private static func frozen(
    _ profile: ServerProfile, _ gateway: LiveGateway, _ token: String, _ revoked: String
  ) async throws {
    try profile.signalAll("redis", SIGSTOP)
    let start = ContinuousClock.now
    #expect(try await becomes(503, gateway, token))
    // Two seconds of silence are too long; it is asked every half second and has one to answer.
    #expect(ContinuousClock.now - start < .seconds(6))
    try await closed(gateway, token, revoked)
    try profile.signalAll("redis", SIGCONT)
    #expect(try await becomes(200, gateway, token))
    #expect(try await ask(gateway, revoked).status == 401)
  }

  private static func killed(
    _ profile: ServerProfile, _ gateway: LiveGateway, _ token: String, _ revoked: String
  ) async throws {
    try profile.killNine("redis")
    #expect(try await becomes(503, gateway, token))
    try await closed(gateway, token, revoked)
    try profile.start(["redis"])
    #expect(try await becomes(200, gateway, token), "what was issued before still holds: the marker is there")
    #expect(try await ask(gateway, revoked).status == 401)
  }

  /// Who is not logged in is served; who is, is asked to come again, and not to log in again.
  private static func closed(_ gateway: LiveGateway, _ token: String, _ revoked: String) async throws {
    #expect(try await ask(gateway, nil).status == 200)
    for token in [token, revoked] {
      let answer = try await ask(gateway, token)
      #expect(
        answer.status == 503 && answer.code == "SESSION_STORE_UNAVAILABLE" && answer.values("retry-after") == ["2"])
    }
    #expect(gateway.metrics.exposition().contains("gateway_revocation_age_seconds"))
  }

  private static func emptied(
    _ redis: RedisClient, _ gateway: LiveGateway, _ token: String, _ revoked: String
  ) async throws {
    try await redis.send(RedisCommand("FLUSHALL"))
    #expect(try await becomes(401, gateway, token), "all that was issued before is refused")
    #expect(try await ask(gateway, revoked).status == 401)
    let marker = try await redis.send(RedisCommand("GET", RevocationKeys.marker)).text
    #expect(marker.flatMap { Int64($0) } != nil, "the marker was set again")
    #expect(try await ask(gateway, gateway.token()).status == 200, "once: who logs in now goes on")
  }
}
