/// Of those who use the platform by its API: load, and the demonstration school.
package struct PlayerSettings: SettingGroup {
  package static let title = "Load on the API, and the demonstration school"

  package let gatewayURL = Setting(
    "GATEWAY_URL", .url, default: "http://localhost:8000", by: [.load, .seedDemo], "Where the gateway is.")
  package let managerEmail = Setting(
    "DEMO_MANAGER_EMAIL", .text, default: "head@school.example", by: [.seedDemo],
    "Address of the manager in whose name the demonstration school is made; he must be there already.")
  package let password = Setting(
    "DEMO_PASSWORD", localDefault: "local-demo-password", by: [.seedDemo],
    "Password of that manager, and of everybody whom the demonstration school has.")
}
