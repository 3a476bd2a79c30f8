import Foundation
import HTTPService
import Hummingbird
import Redis
import ServiceContract
import Telemetry

/// The auth service: who somebody is, and the tokens that say so. People and passwords are the users service's, and who is
/// logged in where is in Redis; it has no database.
package struct AuthService: Sendable {
  package struct Configuration: Sendable {
    package var cookie: RefreshCookie
    package var failuresPerAccount: Int
    package var failuresPerAddress: Int
    package var failureWindow: Duration

    package init(
      cookie: RefreshCookie, failuresPerAccount: Int, failuresPerAddress: Int, failureWindow: Duration
    ) {
      self.cookie = cookie
      self.failuresPerAccount = failuresPerAccount
      self.failuresPerAddress = failuresPerAddress
      self.failureWindow = failureWindow
    }
  }

  static let tag = "auth"

  package private(set) var api = API<CallContext>(
    service: "Kartoteka: auth", version: "1",
    notes: "Registering, logging in and out, and the tokens that the gateway takes for who somebody is.")
  let issuer: TokenIssuer
  let sessions: SessionStore
  let limiter: LoginLimiter
  let users: UsersClient
  let cookie: RefreshCookie
  let metrics: AuthMetrics
  let clock: @Sendable () -> Int64
  private let redis: RedisClient

  /// - Parameters:
  ///   - clock: the true time in milliseconds since 1970, by which tokens and limits go, whatever time a request simulates.
  package init(
    _ configuration: Configuration, issuer: TokenIssuer, redis: RedisClient, users: ServiceClient,
    metrics registry: MetricsRegistry, clock: @escaping @Sendable () -> Int64 = RequestClock.wallClock
  ) {
    self.issuer = issuer
    self.redis = redis
    sessions = SessionStore(redis)
    limiter = LoginLimiter(
      redis,
      LoginLimiter.Limits(
        perAccount: configuration.failuresPerAccount, perAddress: configuration.failuresPerAddress,
        window: configuration.failureWindow))
    self.users = UsersClient(users)
    cookie = configuration.cookie
    metrics = AuthMetrics(registry, issuer: issuer, clock: clock)
    self.clock = clock
    addLogin()
    addRefresh()
    addLogout()
    addAccount()
  }

  mutating func on<Path, Query, Body, Success>(
    _ operation: APIOperation<Path, Query, Body, Success>,
    _ answer: @escaping @Sendable (Call<Path, Query, Body>, CallContext) async throws -> Reply<Success>
  ) {
    api.on(operation, answer)
  }

  /// What the service needs to be ready: Redis, and with it the marker by which one that was emptied is known.
  package var check: HealthCheck {
    HealthCheck("redis") { [sessions, clock] in
      do throws(RedisError) {
        try await sessions.mark(at: clock())
        return .ready
      } catch { return .notReady("\(error)") }
    }
  }

  package static let translate: @Sendable (any Error) -> RequestFailure? = AuthFailures.translate

  /// The service's own routes, and the published keys beside them: for the gateway, at the service only.
  package func router(_ make: (API<CallContext>) -> ServiceRouter) -> Router<CallContext> {
    let router = make(api).router()
    router.get(RouterPath(JSONWebKeySet.path)) { [issuer, clock] _, _ in
      Response(
        status: .ok,
        headers: [.contentType: JSONWebKeySet.mediaType, .cacheControl: "public, max-age=60"],
        body: .init(byteBuffer: ByteBuffer(string: issuer.published(at: clock()).json + "\n")))
    }
    return router
  }
}
