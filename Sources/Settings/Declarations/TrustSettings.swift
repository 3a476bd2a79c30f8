package struct TrustSettings: SettingGroup {
  package static let title = "Trust between the services"
  private static let services: [SettingReader] = [.auth, .users, .decks, .teaching]

  package let gatewaySecret = Setting(
    "GATEWAY_SECRET", localDefault: "local-gateway-secret", by: [.gateway] + services,
    "What the gateway proves itself by to the services, which believe who a caller is only then.")
  package let serviceSecret = Setting(
    "SERVICE_SECRET", localDefault: "local-service-secret", by: services,
    "What the services prove themselves by to each other; another one than the gateway's.")
}
