import Gateway
import NIOCore
import ServiceContract
import Settings

extension Settings {
  func gatewayConfiguration() throws(SettingError) -> GatewayConfiguration {
    let secret = try self[\.trust.gatewaySecret]
    guard secret.revealed.utf8.count >= TrustSecrets.shortestBytes else {
      throw SettingError("GATEWAY_SECRET", "must have at least \(TrustSecrets.shortestBytes) bytes")
    }
    var configuration = GatewayConfiguration(
      upstreams: [
        .auth: try upstream(\.services.authURL), .users: try upstream(\.services.usersURL),
        .decks: try upstream(\.services.decksURL), .teaching: try upstream(\.services.teachingURL),
        .analytics: try upstream(\.services.analyticsURL),
      ],
      secret: secret, proxies: try TrustedProxies(try self[\.gateway.trustedProxies]),
      cors: try CORSPolicy(origins: try self[\.gateway.corsOrigins]))
    let requests = try self[\.gateway.rateLimit]
    if requests > 0 {
      configuration.rateLimit = RateLimitPolicy(requests: requests, window: try self[\.gateway.rateWindow])
    }
    configuration.times.total = TimeAmount(try self[\.gateway.deadline])
    configuration.times.perTry = TimeAmount(try self[\.gateway.tryTimeout])
    configuration.times.connect = TimeAmount(try self[\.gateway.connectTimeout])
    configuration.times.bodyIdle = TimeAmount(try self[\.gateway.bodyIdle])
    configuration.times.streamIdle = configuration.times.bodyIdle * 5
    configuration.upstreamConnections = try self[\.gateway.connections]
    return configuration
  }

  private func upstream(
    _ path: KeyPath<DeclaredSettings, Setting<String>>
  ) throws(SettingError) -> UpstreamAddress {
    try UpstreamAddress(try self[path], setting: DeclaredSettings()[keyPath: path].declaration.name)
  }
}
