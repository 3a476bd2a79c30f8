package struct AnalyticsSettings: SettingGroup {
  package static let title = "Analytics"

  package let host = Setting(
    "ANALYTICS_HOST", .text, default: "127.0.0.1", by: [.analytics], "Address to listen on.")
  package let port = Setting(
    "ANALYTICS_PORT", .port(allowsAny: true), default: "8003", by: [.analytics, .scripts],
    "Port of the dashboard, the API, /health and /metrics.")
  package let serviceKeys = Setting(
    "ANALYTICS_SERVICE_KEYS", localDefault: "dashboard:local-dashboard-key", by: [.analytics, .scripts],
    "Who may ask: name:key, comma-separated; a key is sent as `Authorization: Bearer KEY`.")
  package let queryDeadline = Setting(
    "ANALYTICS_QUERY_DEADLINE", .duration(in: .milliseconds(100) ... .seconds(30)), default: "20s", by: [.analytics],
    "The longest a query may take.")
  package let connections = Setting(
    "ANALYTICS_CONNECTIONS", .integer(in: 1...256), default: "8", by: [.analytics],
    "How many queries ClickHouse is asked at once.")
}

package struct LogSettings: SettingGroup {
  package static let title = "Logs"

  package let level = Setting(
    "LOG_LEVEL", .choice(["trace", "debug", "info", "notice", "warning", "error", "critical"]), default: "info",
    by: [.collector, .analytics, .gateway, .auth, .users, .decks, .teaching], "The lowest level that is written.")
  package let format = Setting(
    "LOG_FORMAT", .choice(["json", "text"]), absent: "text on a terminal, else json",
    by: [.collector, .analytics, .gateway, .auth, .users, .decks, .teaching],
    "Shape of a line on standard error.")
}
