import Settings

/// The two secrets by which the gateway and the other services prove themselves.
package struct TrustSecrets: Sendable {
  package static let shortestBytes = 16

  /// Vouches for what the gateway says of a caller.
  let gateway: Secret
  /// Vouches for another service.
  let service: Secret

  /// - Throws: `SettingError` when one is a local default outside the local platform, shorter than 16 bytes, or both are one:
  ///   what opens the paths of services must not open with the gateway's.
  package init(_ settings: Settings) throws(SettingError) {
    let declared = DeclaredSettings().trust
    gateway = try settings[declared.gatewaySecret]
    service = try settings[declared.serviceSecret]
    for (secret, setting) in [(gateway, declared.gatewaySecret), (service, declared.serviceSecret)] {
      guard secret.revealed.utf8.count >= Self.shortestBytes else {
        throw SettingError(setting.declaration.name, "must have at least \(Self.shortestBytes) bytes")
      }
    }
    guard !gateway.matches(service.revealed) else {
      throw SettingError(declared.serviceSecret.declaration.name, "must be another one than GATEWAY_SECRET")
    }
  }
}
