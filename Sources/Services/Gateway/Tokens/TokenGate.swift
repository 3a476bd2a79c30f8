import Digests
import HTTPService
import HTTPTypes
import ServiceContract
import Synchronization
import Telemetry

/// Who a request's `Authorization` says asks.
package final class TokenGate: Sendable {
  enum Verdict {
    case anonymous
    case person(TokenClaims)
    case refused(RequestFailure)
    /// The token is signed by a key that is not known, perhaps a new one: ask again after ``PublishedKeys/refresh(_:)``.
    case keysNeeded
  }

  private let keys: PublishedKeys
  private let revocations: Revocations
  private let cache: Mutex<TokenCache<TokenClaims>>
  private let hits: Counter
  private let misses: Counter

  package init(_ keys: PublishedKeys, _ revocations: Revocations, metrics: MetricsRegistry) {
    self.keys = keys
    self.revocations = revocations
    cache = Mutex(TokenCache())
    func counter(_ result: String) -> Counter {
      metrics.counter(
        "gateway_token_cache_total", help: "Tokens looked up among those whose signature has been checked.",
        labels: ["result": result])
    }
    hits = counter("hit")
    misses = counter("miss")
    metrics.gauges("gateway_token_cache_entries", help: "Tokens whose signature has been checked.") { [weak self] in
      [.init(Double(self?.cache.withLock { $0.count } ?? 0))]
    }
  }

  /// - Parameters:
  ///   - verifier: that of freshly fetched keys, with which no further fetch is asked for.
  ///   - nowMs: since 1970.
  func verdict(_ authorization: String?, verifier fresh: TokenVerifier? = nil, nowMs: Int64) -> Verdict {
    guard let authorization else { return .anonymous }
    guard let token = Self.bearer(authorization) else { return .refused(Self.invalid("it must be a Bearer token")) }
    let key = TokenCache<TokenClaims>.Key(Digest.sha256.bytes(of: Array(token.utf8)))
    let known = cache.withLock { $0.value(key) }
    if let known {
      hits.increment()
      return verdict(on: known, key, nowMs)
    }
    misses.increment()
    guard let verifier = fresh ?? keys.verifier else { return .keysNeeded }
    do throws(TokenProblem) {
      let claims = try verifier.verify(String(token), as: .access, now: nowMs / 1000)
      cache.withLock { $0.insert(claims, key) }
      return verdict(on: claims, key, nowMs)
    } catch .unknownKey where fresh == nil {
      return .keysNeeded
    } catch .expired {
      return .refused(Self.expired)
    } catch {
      return .refused(Self.invalid("\(error)"))
    }
  }

  /// Of a token that was taken before, on the same connection.
  func verdict(onKnown claims: TokenClaims, nowMs: Int64) -> Verdict {
    if nowMs / 1000 >= claims.expiresAt + TokenVerifier.skewSeconds { return .refused(Self.expired) }
    switch revocations.verdict(claims) {
    case .live: return .person(claims)
    case .revoked: return .refused(Self.revoked)
    case .unknown: return .refused(Self.unknown)
    }
  }

  /// Calls `done` with a verdict once keys have been fetched.
  func verdictAfterRefresh(_ authorization: String?, _ done: @escaping @Sendable (Verdict) -> Void) {
    keys.refresh { [self] answer in
      switch answer {
      case .verifier(let verifier):
        done(verdict(authorization, verifier: verifier, nowMs: SystemClocks.wallMs()))
      case .unavailable: done(.refused(Self.keysUnavailable))
      }
    }
  }

  private func verdict(on claims: TokenClaims, _ key: TokenCache<TokenClaims>.Key, _ nowMs: Int64) -> Verdict {
    let verdict = verdict(onKnown: claims, nowMs: nowMs)
    if case .refused = verdict, nowMs / 1000 >= claims.expiresAt { cache.withLock { $0.remove(key) } }
    return verdict
  }

  private static func bearer(_ authorization: String) -> Substring? {
    guard let blank = authorization.firstIndex(of: " "), FieldName.isSame("bearer", authorization[..<blank]) else {
      return nil
    }
    let token = authorization[blank...].drop { $0 == " " }
    return token.isEmpty || token.utf8.count > TokenVerifier.limitBytes ? nil : token
  }

  // MARK: Refusals

  private static func invalid(_ reason: String) -> RequestFailure {
    unauthorized("INVALID_TOKEN", "The access token is not accepted: \(reason).")
  }

  private static let expired = unauthorized("EXPIRED_TOKEN", "The access token has expired: refresh it.")
  private static let revoked = unauthorized("REVOKED_TOKEN", "The access token has been revoked: log in again.")

  private static func unauthorized(_ code: String, _ message: String) -> RequestFailure {
    RequestFailure(
      .unauthorized, code: code, message: message,
      headers: [.wwwAuthenticate: "Bearer realm=\"kartoteka\", error=\"invalid_token\""])
  }

  private static let unknown = RequestFailure(
    .serviceUnavailable, code: "SESSION_STORE_UNAVAILABLE",
    message: "Whether the session still holds cannot be told now. It may: ask again.", headers: [.retryAfter: "2"])
  private static let keysUnavailable = RequestFailure(
    .serviceUnavailable, code: "TOKEN_KEYS_UNAVAILABLE",
    message: "The keys by which tokens are checked cannot be fetched now: ask again.", headers: [.retryAfter: "2"])
}
