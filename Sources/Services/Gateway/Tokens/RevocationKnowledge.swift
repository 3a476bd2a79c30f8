import ServiceContract

/// What is known of revoked tokens, and since when nothing new was heard: the rules alone. Times are milliseconds, those of
/// tokens since 1970, those of hearing by a monotonic clock.
///
/// Nothing revoked is forgotten before it would have expired, whatever Redis says later: one that lost its last second, or was
/// emptied, revives no token.
package struct RevocationKnowledge {
  package enum Verdict: Equatable {
    case live, revoked
    /// Too little is known to say.
    case unknown
  }

  /// Beyond that, what was not heard may be a revocation.
  package static let longestSilenceMs: Int64 = 2_000

  /// By token id, when it may be forgotten, in seconds.
  private var tokens: [String: Int64] = [:]
  /// By person, before when tokens are refused, and when that may be forgotten, in ms.
  private var people: [Int64: (notBeforeMs: Int64, until: Int64)] = [:]
  /// Before which all tokens are refused.
  package private(set) var sinceMs: Int64 = 0
  /// Nil until all has been read since messages come without a gap.
  private var completeSince: Int64?
  private var lastAlive: Int64?
  private var lastMarker: Int64?

  package init() {}

  package var count: Int { tokens.count + people.count }

  // MARK: What is heard

  /// Messages may have been missed: what is known holds, but is no longer all.
  package mutating func gapBegan() {
    completeSince = nil
    lastAlive = nil
  }

  /// All revocations have been read, after messages had begun to come without a gap.
  package mutating func readCompletely(_ now: Int64) {
    completeSince = now
    lastAlive = now
  }

  /// All published so far has been heard.
  package mutating func aliveHeard(_ now: Int64) {
    if completeSince != nil { lastAlive = now }
  }

  /// The marker is there, or was set anew. It never goes back.
  package mutating func markerRead(_ sinceMs: Int64, _ now: Int64) {
    self.sinceMs = max(self.sinceMs, sinceMs)
    lastMarker = now
  }

  /// - Parameter nowSeconds: since 1970.
  package mutating func add(_ revocation: Revocation, nowSeconds: Int64) {
    switch revocation {
    case .token(.access, let id, let expiresAt):
      // However long it is said to be kept: no token lives longer than that.
      let latest = nowSeconds + TokenKind.access.lifetimeSeconds + 2 * TokenVerifier.skewSeconds
      tokens[id] = max(tokens[id] ?? 0, min(expiresAt + TokenVerifier.skewSeconds, latest))
    case .token(.refresh, _, _): break  // Auth's own.
    case .person(let id, let notBefore):
      let until = (nowSeconds + RevocationKeys.personSeconds) * 1000
      people[id] = (max(people[id]?.notBeforeMs ?? 0, notBefore), until)
    }
  }

  /// Forgets what revokes nothing any more.
  package mutating func prune(nowSeconds: Int64) {
    if tokens.values.contains(where: { $0 < nowSeconds }) { tokens = tokens.filter { $0.value >= nowSeconds } }
    if people.values.contains(where: { $0.until < nowSeconds * 1000 }) {
      people = people.filter { $0.value.until >= nowSeconds * 1000 }
    }
  }

  // MARK: What is asked

  /// How old the knowledge is; nil while it is not complete.
  package func ageMs(_ now: Int64) -> Int64? {
    guard completeSince != nil, let lastAlive, let lastMarker else { return nil }
    return now - min(lastAlive, lastMarker)
  }

  package func verdict(_ claims: TokenClaims, _ now: Int64) -> Verdict {
    // First: a 401 makes clients throw their session away, and with Redis gone that would be all of them at once.
    guard let age = ageMs(now), age <= Self.longestSilenceMs else { return .unknown }
    if claims.isIssued(before: sinceMs) || tokens[claims.tokenID] != nil { return .revoked }
    if let person = people[claims.subject], claims.isIssued(before: person.notBeforeMs) { return .revoked }
    return .live
  }
}
