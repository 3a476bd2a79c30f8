package struct TrustSettings: SettingGroup {
  package static let title = "Trust between the services"
  private static let services: [SettingReader] = [.auth, .users, .decks, .teaching]

  package let gatewaySecret = Setting(
    "GATEWAY_SECRET", localDefault: "local-gateway-secret", by: [.gateway, .analytics] + services + [.seedDemo],
    "What the gateway proves itself by to the services, which believe who a caller is only then.")
  package let serviceSecret = Setting(
    "SERVICE_SECRET", localDefault: "local-service-secret", by: services + [.seedDemo],
    "What the services prove themselves by to each other, and seed-demo its clock; another one than the gateway's.")
}
