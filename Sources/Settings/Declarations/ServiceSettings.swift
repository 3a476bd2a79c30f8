package struct ServiceSettings: SettingGroup {
  package static let title = "The domain services"
  private static let withDatabase: [SettingReader] = [.users, .decks, .teaching]
  private static let all: [SettingReader] = [.gateway, .auth] + withDatabase

  package let gatewayHost = Setting(
    "GATEWAY_HOST", .text, default: "127.0.0.1", by: [.gateway], "Address the gateway listens on.")
  package let gatewayPort = Setting(
    "GATEWAY_PORT", .port(allowsAny: true), default: "8000", by: [.gateway, .scripts], "Port of the gateway.")
  package let authHost = Setting(
    "AUTH_HOST", .text, default: "127.0.0.1", by: [.auth], "Address the auth service listens on.")
  package let authPort = Setting(
    "AUTH_PORT", .port(allowsAny: true), default: "8005", by: [.auth, .scripts], "Port of the auth service.")
  package let usersHost = Setting(
    "USERS_HOST", .text, default: "127.0.0.1", by: [.users], "Address the users service listens on.")
  package let usersPort = Setting(
    "USERS_PORT", .port(allowsAny: true), default: "8004", by: [.users, .scripts], "Port of the users service.")
  package let decksHost = Setting(
    "DECKS_HOST", .text, default: "127.0.0.1", by: [.decks], "Address the decks service listens on.")
  package let decksPort = Setting(
    "DECKS_PORT", .port(allowsAny: true), default: "8001", by: [.decks, .scripts], "Port of the decks service.")
  package let teachingHost = Setting(
    "TEACHING_HOST", .text, default: "127.0.0.1", by: [.teaching], "Address the teaching service listens on.")
  package let teachingPort = Setting(
    "TEACHING_PORT", .port(allowsAny: true), default: "8002", by: [.teaching, .scripts],
    "Port of the teaching service.")

  package let authURL = Setting(
    "AUTH_URL", .url, default: "http://localhost:8005", by: [.gateway, .users], "Where the auth service is.")
  package let usersURL = Setting(
    "USERS_URL", .url, default: "http://localhost:8004", by: [.gateway, .auth, .teaching],
    "Where the users service is.")
  package let decksURL = Setting(
    "DECKS_URL", .url, default: "http://localhost:8001", by: [.gateway, .users, .teaching],
    "Where the decks service is.")
  package let teachingURL = Setting(
    "TEACHING_URL", .url, default: "http://localhost:8002", by: [.gateway, .users], "Where the teaching service is.")
  package let analyticsURL = Setting(
    "ANALYTICS_URL", .url, default: "http://localhost:8003", by: [.gateway], "Where the analytics service is.")

  package let deadline = Setting(
    "SERVICE_DEADLINE", .duration(in: .milliseconds(100) ... .seconds(60)), default: "10s", by: [.auth] + withDatabase,
    "The longest that answering a request may take; the gateway's own limit goes before it where it is sooner.")
  package let drain = Setting(
    "DRAIN_SECONDS", .integer(in: 0...60), default: "5", by: all + [.analytics],
    "How many seconds a service that was told to stop says so at /health/ready and still takes requests.")
  package let postgresConnections = Setting(
    "POSTGRES_CONNECTIONS", .integer(in: 1...256), default: "8", by: withDatabase,
    "Connections of a service to its database.")
}
