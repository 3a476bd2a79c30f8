import CivilTime
import Redis
import ServiceContract

/// Who is logged in where, in Redis. Times are milliseconds since 1970, by auth's true clock.
struct SessionStore: Sendable {
  enum Exchange: Sendable, Equatable {
    /// The current pair: a new one, or the one that the same token was exchanged for a moment ago.
    case pair(SessionPair, isNew: Bool)
    /// The token, or all of that person's or everybody's of its time, are refused.
    case revoked
    /// There is no such session any more.
    case ended
    /// The token was exchanged before; who shows it again may have stolen it, so the session has been ended.
    case reused
  }

  private let redis: RedisClient

  init(_ redis: RedisClient) {
    self.redis = redis
  }

  /// Begins a session.
  /// - Parameter issuedAtMs: read before the person was verified: whoever changes the password meanwhile ends it before it
  ///   begins.
  /// - Returns: nil when tokens of that time are refused.
  func open(
    _ person: Int64, isManager: Bool, from origin: SessionOrigin, issuedAtMs: Int64,
    until deadline: ContinuousClock.Instant
  ) async throws(RedisError) -> SessionPair? {
    let pair = SessionPair(
      person: person, isManager: isManager, sessionID: SessionPair.newID(), accessID: SessionPair.newID(),
      refreshID: SessionPair.newID(), issuedAtMs: issuedAtMs)
    let arguments: [any RedisArgument] = [
      pair.sessionID, Int(person), isManager ? 1 : 0, pair.refreshID, pair.accessID, Int(issuedAtMs),
      Int(pair.expiresAt(.access)), Int(pair.expiresAt(.refresh)), origin.device, origin.address,
    ]
    return try await run(SessionScripts.open, arguments, deadline).integer == 1 ? pair : nil
  }

  /// Exchanges a refresh token for a pair.
  func exchange(
    _ shown: TokenClaims, from origin: SessionOrigin, at now: Int64, until deadline: ContinuousClock.Instant
  ) async throws(RedisError) -> Exchange {
    let fresh = SessionPair(
      person: shown.subject, isManager: shown.isManager, sessionID: shown.familyID, accessID: SessionPair.newID(),
      refreshID: SessionPair.newID(), issuedAtMs: now)
    let arguments: [any RedisArgument] = [
      shown.familyID, Int(shown.subject), shown.tokenID, Int(shown.issuedAtMs), Int(now), fresh.refreshID,
      fresh.accessID, Int(fresh.expiresAt(.access)), Int(fresh.expiresAt(.refresh)), origin.device, origin.address,
    ]
    let reply = try await run(SessionScripts.exchange, arguments, deadline)
    switch reply.text {
    case "revoked": return .revoked
    case "ended": return .ended
    case "reused": return .reused
    default: break
    }
    guard let parts = reply.elements, parts.count == 4, let refresh = parts[0].text, let access = parts[1].text,
      let issuedAt = parts[2].text.flatMap({ Int64($0) }), let manager = parts[3].text
    else { throw .protocolViolation("a session of an unknown form") }
    let pair = SessionPair(
      person: shown.subject, isManager: manager == "1", sessionID: shown.familyID, accessID: access,
      refreshID: refresh, issuedAtMs: issuedAt)
    return .pair(pair, isNew: refresh == fresh.refreshID)
  }

  /// - Returns: whether the person had that session.
  func end(
    _ sessionID: String, of person: Int64, until deadline: ContinuousClock.Instant
  ) async throws(RedisError) -> Bool {
    try await run(SessionScripts.end, [sessionID, Int(person)], deadline).integer == 1
  }

  /// Ends all sessions of a person, and refuses all tokens issued before.
  func endAll(
    of person: Int64, notBeforeMs: Int64, until deadline: ContinuousClock.Instant
  ) async throws(RedisError) {
    _ = try await run(SessionScripts.endAll, [Int(person), Int(notBeforeMs)], deadline)
  }

  /// Refuses one token from now on.
  func revoke(_ kind: TokenKind, _ token: TokenClaims, until deadline: ContinuousClock.Instant) async throws(RedisError)
  {
    _ = try await run(SessionScripts.revoke, [kind.rawValue, token.tokenID, Int(token.expiresAt)], deadline)
  }

  /// Those of a person, last used first.
  func list(
    of person: Int64, at now: Int64, until deadline: ContinuousClock.Instant
  ) async throws(RedisError) -> [Session] {
    let reply = try await run(SessionScripts.list, [Int(person), Int(now / 1000)], deadline)
    let sessions: [Session] = (reply.elements ?? []).compactMap { row in
      guard let parts = row.elements?.map(\.text), parts.count == 5, let id = parts[0], let device = parts[1],
        let address = parts[2], let opened = parts[3].flatMap({ Int($0) }), let used = parts[4].flatMap({ Int($0) })
      else { return nil }
      return Session(
        id: id, device: device, address: address, createdAt: Instant(milliseconds: opened),
        lastUsedAt: Instant(milliseconds: used))
    }
    return sessions.sorted { $0.lastUsedAt > $1.lastUsedAt }
  }

  /// Sets the marker by which an emptied Redis is known, if there is none.
  func mark(at now: Int64) async throws(RedisError) {
    try await redis.send(RedisCommand("SET", RevocationKeys.marker, Int(now), "NX"))
  }

  /// A frozen Redis must not take all of a request's time.
  private func run(
    _ script: RedisScript, _ arguments: [any RedisArgument], _ deadline: ContinuousClock.Instant
  ) async throws(RedisError) -> RedisValue {
    try await redis.run(
      script, arguments: arguments, deadline: min(deadline, .now + redis.configuration.commandTimeout))
  }
}
