import HTTPService
import Hummingbird
import Logging
import NIOCore
import Redis
import ServiceContract
import Settings
import Telemetry

/// The gateway: what stands between the world and the services.
///
/// Its `/health` and `/metrics` are routed as everybody's are; all else is taken by a handler of its own on the connection's
/// event loop, which forwards it without a task or a thread between.
package final class GatewayService: Sendable {
  private let core: GatewayCore
  private let keys: PublishedKeys
  private let revocations: Revocations
  private let metrics: MetricsRegistry

  /// Begins to fetch keys and revocations at once.
  package init(
    _ configuration: GatewayConfiguration, redis: RedisConfiguration, drain: Drain, metrics: MetricsRegistry,
    logger: Logger
  ) throws(SettingError) {
    guard let auth = configuration.upstreams[.auth] else { throw SettingError("AUTH_URL", "is needed by the gateway") }
    let fetch = KeyFetch(auth: auth)
    keys = PublishedKeys(fetch: fetch.keys)
    revocations = Revocations(redis)
    self.metrics = metrics
    core = GatewayCore(
      configuration, TokenGate(keys, revocations, metrics: metrics), revocations, drain: drain, metrics: metrics,
      logger: logger)
  }

  package func close() {
    keys.close()
    revocations.close()
  }

  package func router() -> Router<ServiceContext> {
    let router = Router(context: ServiceContext.self, options: .autoGenerateHeadEndpoints)
    router.add(middleware: RequestFrame(failures: FailureBodies(codes: .capitals)))
    OperationsRoutes(checks: [core.drain.check, keysCheck, sessionsCheck], metrics: metrics).add(to: router)
    return router
  }

  package var interceptor: HTTPRole.Interceptor {
    { [core] channel, connection in GatewayHandler(core, core.loop(channel.eventLoop), connection) }
  }

  // Until both have been known once, a gateway that has just started could only refuse who has logged in. That either is away
  // later makes no difference to who has not.
  private var keysCheck: HealthCheck {
    HealthCheck("token_keys") { [keys] in
      keys.hasBegun ? .ready : .notReady("the keys have not been fetched from the auth service yet")
    }
  }

  private var sessionsCheck: HealthCheck {
    HealthCheck("session_store") { [revocations] in
      revocations.hasBegun ? .ready : .notReady("the revoked tokens have not been read from Redis yet")
    }
  }
}
