import ClickHouse
import Foundation
import Kafka
import Logging
import Synchronization
import Telemetry

/// What the outside sees of a collector: metrics, log lines (at most one a flush), and whether it is ready.
package final class CollectorReport: WorkerReport {
  private let metrics: MetricsRegistry
  private let log: Logger
  private let rows: Histogram
  private let bytes: Histogram
  private let flushSeconds: Histogram
  private let insertSeconds: Histogram
  private let skipped: Counter
  private let pauses: Counter
  private let rebalances: Counter
  private let condition = Mutex(Condition())

  struct Condition {
    var assigned = false
    var halted: [TopicPartition: String] = [:]
    /// The last obstacle, until something has gone through after it.
    var obstacle: String?
    /// Names of the broker errors logged since the last assignment.
    var told: Set<String> = []
  }

  package init(metrics: MetricsRegistry, log: Logger) {
    self.metrics = metrics
    self.log = log
    rows = metrics.histogram(
      "collector_insert_rows", help: "Events in one INSERT.",
      bounds: Histogram.exponential(from: 1, factor: 4, count: 10))
    bytes = metrics.histogram(
      "collector_insert_bytes", help: "Compressed bytes of one INSERT.",
      bounds: Histogram.exponential(from: 1024, factor: 4, count: 9))
    flushSeconds = metrics.histogram(
      "collector_flush_seconds", help: "From cutting a range to having it in ClickHouse.")
    insertSeconds = metrics.histogram("collector_insert_seconds", help: "One INSERT, request to answer.")
    skipped = metrics.counter("collector_tombstones_total", help: "Messages without a value: counted and skipped.")
    pauses = metrics.counter("collector_pauses_total", help: "Times that reading was paused because memory was full.")
    rebalances = metrics.counter("collector_rebalances_total", help: "Assignments received from the group.")
  }

  func inserted(seconds: Double) { insertSeconds.observe(seconds) }

  package func flushed(_ built: BuiltRange, after duration: Duration) {
    let counts = built.intent.counts
    rows.observe(Double(counts.events))
    bytes.observe(Double(built.bytes))
    let seconds = duration / .seconds(1)
    flushSeconds.observe(seconds)
    skipped.increment(by: UInt64(counts.skipped))
    for (type, count) in built.eventsByType where count > 0 {
      metrics.counter("collector_events_total", help: "Events inserted, by type.", labels: ["type": type])
        .increment(by: UInt64(count))
    }
    for (reason, count) in built.deadByReason where count > 0 {
      metrics.counter("collector_dead_letters_total", help: "Dead letters, by reason.", labels: ["reason": reason])
        .increment(by: UInt64(count))
    }
    if built.repeats > 0 {
      metrics.counter(
        "collector_repeated_events_total",
        help: "Events whose event_id came before at another offset: sent twice by a producer.",
        labels: ["topic": built.intent.partition.topic]
      ).increment(by: UInt64(built.repeats))
    }
    condition.withLock { $0.obstacle = nil }
    log.debug(
      "flushed",
      metadata: [
        "range": "\(built.intent.token)", "events": "\(counts.events)", "dead_letters": "\(counts.deadLetters)",
        "bytes": "\(built.bytes)", "ms": "\(Int(seconds * 1000))",
      ])
  }

  /// - Parameter partition: nil at the start, when none is ours.
  package func failed(_ partition: TopicPartition?, _ error: any Error) {
    let cause =
      switch error {
      case let error as ClickHouseError: Self.cause(error)
      case let error as KafkaError: "kafka \(error.name)"
      case StepFailure.insertUnderWay: "insert under way"
      default: "other"
      }
    metrics.counter("collector_retries_total", help: "Tries that failed, by cause.", labels: ["cause": cause])
      .increment()
    let new = condition.withLock { condition in
      defer { condition.obstacle = "\(error)" }
      return condition.obstacle != "\(error)"
    }
    let place = partition.map { ["partition": "\($0)"] as Logger.Metadata } ?? [:]
    if new { log.warning("\(error)", metadata: place.merging(["retry": "yes"]) { $1 }) }
  }

  private static func cause(_ error: ClickHouseError) -> String {
    switch error {
    case .server(_, let name, _): "clickhouse \(name)"
    case .connection: "clickhouse connection"
    case .interrupted: "clickhouse interrupted"
    case .cancelled: "cancelled"
    case .deadlineExceeded: "clickhouse deadline"
    case .overloaded: "clickhouse overloaded"
    case .protocolViolation: "clickhouse protocol"
    }
  }

  package func halted(_ partition: TopicPartition, _ why: String) {
    condition.withLock { $0.halted[partition] = why }
    log.error("\(why)", metadata: ["partition": "\(partition)", "halted": "yes"])
  }

  package func reconciling(_ intent: RangeIntent) {
    metrics.counter("collector_reconciled_total", help: "Ranges put in by comparing offsets, not by token.").increment()
    log.notice("reconciling a range whose token does not hold", metadata: ["range": "\(intent.token)"])
  }

  package func recovered(days: Int) {
    metrics.counter("collector_recoveries_total", help: "Starts of ClickHouse after which the rollups were recovered.")
      .increment()
    if days > 0 {
      metrics.counter(
        "collector_recovered_days_total",
        help: "Days on which a rollup was made equal to events again, those of each rollup for themselves."
      ).increment(by: UInt64(days))
    }
    log.notice("ClickHouse has started: rollups recovered", metadata: ["days": "\(days)"])
  }

  func assigned(_ partitions: [TopicPartition]) {
    rebalances.increment()
    condition.withLock {
      $0.assigned = true
      $0.halted = [:]
      $0.obstacle = nil
      $0.told = []
    }
    log.info("assigned", metadata: ["partitions": "\(partitions.sorted().map(\.description).joined(separator: " "))"])
  }

  func revoked(_ partitions: [TopicPartition], lost: Bool) {
    condition.withLock { $0.assigned = false }
    log.info("revoked", metadata: ["partitions": "\(partitions.count)", "lost": "\(lost)"])
  }

  /// The group has assigned nothing for so long, not even "none".
  func unassigned(for duration: Duration) {
    log.warning(
      "the group assigns nothing: if its members run and the brokers answer, restart the group's coordinator",
      metadata: ["seconds": "\(duration.components.seconds)"])
  }

  /// Messages that Kafka deleted before they were read: offsets of them, holes included.
  func lost(_ partition: TopicPartition, _ range: OffsetRange) {
    metrics.counter(
      "collector_messages_lost_total",
      help: "Offsets that Kafka's retention deleted before they were read, holes included.",
      labels: ["topic": partition.topic, "partition": "\(partition.partition)"]
    ).increment(by: UInt64(range.to - range.from))
    log.error(
      "Kafka deleted messages before they were read: keep them longer (retention.ms, retention.bytes)",
      metadata: ["partition": "\(partition)", "offsets": "\(range)"])
  }

  func paused() {
    pauses.increment()
    log.notice("reading paused: the buffer is full, ClickHouse takes rows slower than they come")
  }

  func resumed() { log.notice("reading resumed") }

  /// librdkafka mends what can be mended by itself; each kind of trouble is told once until the next assignment.
  func broker(_ error: KafkaError) {
    metrics.counter(
      "collector_broker_errors_total", help: "What librdkafka reported, by name.", labels: ["error": error.name]
    ).increment()
    let new = condition.withLock { $0.told.insert(error.name).inserted }
    let hint = error.isUnknownTopic ? " Does the topic exist? `kartoteka topics apply` makes it." : ""
    if new { log.warning("\(error)\(hint)") } else { log.debug("\(error)") }
  }

  func checked() { log.info("ClickHouse keeps what delivery rests on") }

  func stopping() { log.info("stopping: flushing what is buffered") }

  func stopped(left: Int) {
    if left > 0 {
      log.warning("stopped at the deadline; the next owner reads the rest again", metadata: ["messages": "\(left)"])
    } else {
      log.info("stopped: everything read is in ClickHouse and committed")
    }
  }

  /// Nil when the collector does its work; else the reason, for `/health/ready`.
  package var notReady: String? {
    condition.withLock { condition in
      if let (partition, why) = condition.halted.min(by: { $0.key < $1.key }) {
        return "\(partition) is halted: \(why)"
      }
      if let obstacle = condition.obstacle { return obstacle }
      return condition.assigned ? nil : "no partitions assigned yet"
    }
  }
}
