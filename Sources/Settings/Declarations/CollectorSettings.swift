package struct CollectorSettings: SettingGroup {
  package static let title = "Collector"

  package let host = Setting(
    "COLLECTOR_HOST", .text, default: "127.0.0.1", by: [.collector], "Address on which /health and /metrics are served."
  )
  package let port = Setting(
    "COLLECTOR_PORT", .port(allowsAny: true), default: "8006", by: [.collector, .scripts],
    "Port of /health and /metrics.")
  package let group = Setting(
    "COLLECTOR_GROUP", .text, default: "events-collector", by: [.collector], "Consumer group.")
  package let topics = Setting(
    "COLLECTOR_TOPICS", .list, absent: "the catalogue's four", by: [.collector], "Topics to read.")
  package let flushRows = Setting(
    "COLLECTOR_FLUSH_ROWS", .integer(in: 1...1_000_000), default: "262144", by: [.collector],
    "A partition is flushed at this many events.")
  package let flushBytes = Setting(
    "COLLECTOR_FLUSH_BYTES", .bytes(in: 1024...(512 << 20)), default: "96MiB", by: [.collector],
    "A partition is flushed at this many bytes of messages.")
  package let flushInterval = Setting(
    "COLLECTOR_FLUSH_INTERVAL", .duration(in: .milliseconds(10) ... .seconds(60)), default: "600ms", by: [.collector],
    "A partition is flushed this long after its oldest message came.")
  package let bufferBytes = Setting(
    "COLLECTOR_BUFFER_BYTES", .bytes(in: (4 << 20)...(64 << 30)), default: "88MiB", by: [.collector],
    "Memory for messages not yet in ClickHouse; reading pauses above it.")
  package let workers = Setting(
    "COLLECTOR_WORKERS", .integer(in: 1...64), default: "2", by: [.collector],
    "Threads that decode and insert, beside one that only decodes.")
  package let repeatWindow = Setting(
    "COLLECTOR_REPEAT_WINDOW", .integer(in: 0...(1 << 30)), default: "262144", by: [.collector],
    "Event ids remembered (8 bytes each) to count those that a producer sent twice; 0: none.")
  package let lease = Setting(
    "COLLECTOR_LEASE", .duration(in: .seconds(1) ... .seconds(600)), default: "60s", by: [.collector],
    "How long after a claim or renewal an INSERT may still begin.")
  package let insertTimeout = Setting(
    "COLLECTOR_INSERT_TIMEOUT", .duration(in: .seconds(1) ... .seconds(600)), default: "60s", by: [.collector],
    "The longest that one INSERT may run.")
  package let stopDeadline = Setting(
    "COLLECTOR_STOP_DEADLINE", .duration(in: .seconds(1) ... .seconds(600)), default: "20s", by: [.collector],
    "Within this, SIGTERM flushes and commits.")
  package let allowsUntriedClickHouse = Setting(
    "COLLECTOR_ALLOW_UNTRIED_CLICKHOUSE", .flag, default: "false", by: [.collector],
    "true: start on a version of ClickHouse that docs/deployment.md does not list."
  )
}

package struct DeadLetterSettings: SettingGroup {
  package static let title = "Dead letters"

  package let lease = Setting(
    "DEADLETTERS_LEASE", .duration(in: .seconds(1) ... .seconds(3600)), default: "60s", by: [.deadLetters],
    "How long after its first row in the ledger a replay may still send; so long a killed one is waited for.")
}
