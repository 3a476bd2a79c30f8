import ClickHouse
import EventSchema
import Kafka

/// All that a collector can be told.
package struct CollectorConfiguration: Sendable {
  package var kafka: KafkaConfiguration
  package var group = "events-collector"
  package var topics: [String]
  package var clickHouse: ClickHouseConfiguration
  package var settings: EventSettings

  /// A flush happens at this many rows …
  package var flushRows = 262_144
  /// … this many bytes of messages …
  package var flushBytes = 96 << 20
  /// … or this long after the oldest buffered message came, whichever is first.
  package var flushIntervalMs = 600
  /// Memory for messages not yet in ClickHouse, all partitions together. Reading pauses above it.
  package var bufferBytes = 88 << 20
  /// Threads that decode and insert; one more only decodes.
  package var workers = 2
  /// Event ids remembered, to count those that a producer sent twice; 0 for none.
  package var repeatWindow = 1 << 18
  /// How long after a claim or renewal an INSERT may still begin, by ClickHouse's clock.
  package var leaseMs: Int64 = 60_000
  /// The longest that one INSERT may run.
  package var insertTimeoutMs: Int64 = 60_000
  /// Within this, a stop flushes and commits.
  package var stopDeadlineMs = 20_000
  /// Whether a ClickHouse of a version that nobody has tried will do; delivery is proved at the start in any case.
  package var allowsUntriedClickHouse = false
  /// First and longest wait between two tries.
  package var retryFirstMs = 100
  package var retryLongestMs = 10_000

  package init(
    kafka: KafkaConfiguration, topics: [String], clickHouse: ClickHouseConfiguration, settings: EventSettings
  ) {
    self.kafka = kafka
    self.topics = topics
    self.clickHouse = clickHouse
    self.settings = settings
  }
}
