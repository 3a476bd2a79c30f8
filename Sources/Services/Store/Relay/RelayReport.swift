import Logging
import Postgres
import Synchronization
import Telemetry

/// Is told what a relay does.
package protocol RelayObserver: AnyObject {
  func leads(_ isOurs: Bool)
  /// Kafka has a row, so long after it was written.
  func delivered(after delay: Duration)
  /// Rows are in Kafka and out of the table.
  func published(_ count: Int)
  func undelivered(_ problem: DeliveryProblem)
  func parked(_ id: Int64, reason: String)
  func measured(_ backlog: OutboxBacklog)
  func failed(_ failure: RelayFailure)
  /// It has acknowledged nothing for a while though it has something to.
  func kafkaSilent()
}

/// What the outside sees of a relay: metrics, and a log line for each change of its fortune.
final class RelayReport: RelayObserver, Sendable {
  private struct State {
    var backlog: (value: OutboxBacklog, at: ContinuousClock.Instant)?
    var isLeading: Bool?
    /// The last trouble that was logged, until it is over.
    var trouble: String?
  }

  private let metrics: MetricsRegistry
  private let log: Logger
  private let leader: Gauge
  private let published: Counter
  private let delays: Histogram
  private let state = Mutex(State())

  /// In seconds.
  private static let delayBounds: [Double] = [
    0.001, 0.002, 0.003, 0.005, 0.007, 0.01, 0.015, 0.02, 0.03, 0.05, 0.07, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60, 300,
  ]

  init(metrics: MetricsRegistry, log: Logger) {
    self.metrics = metrics
    self.log = log
    leader = metrics.gauge("outbox_leader", help: "1 while this process sends the outbox, else 0.")
    published = metrics.counter("outbox_published_total", help: "Events that are in Kafka and out of the outbox.")
    delays = metrics.histogram(
      "outbox_delivery_seconds", help: "From when an event was written into the outbox until Kafka had it.",
      bounds: Self.delayBounds)
    metrics.gauges("outbox_pending_rows", help: "Events in the outbox, counted up to 100,000.") { [weak self] in
      self?.samples { backlog, _ in Double(backlog.pending) } ?? []
    }
    metrics.gauges("outbox_oldest_age_seconds", help: "How long the first event of the outbox has been there.") {
      [weak self] in
      // Goes on though the database cannot be asked.
      self?.samples { $0.pending == 0 ? 0 : ($0.oldestAge + $1) / .seconds(1) } ?? []
    }
    metrics.gauges("outbox_parked_rows", help: "Events that Kafka refused, in outbox_parked.") { [weak self] in
      self?.samples { backlog, _ in Double(backlog.parked) } ?? []
    }
  }

  /// Of what was measured last, and of how long ago that was.
  private func samples(_ value: (OutboxBacklog, _ since: Duration) -> Double) -> [MetricsRegistry.Sample] {
    guard let backlog = state.withLock({ $0.backlog }) else { return [] }
    return [.init(value(backlog.value, .now - backlog.at))]
  }

  func leads(_ isOurs: Bool) {
    leader.set(isOurs ? 1 : 0)
    let (isNews, wasTroubled) = state.withLock { state in
      defer { (state.isLeading, state.trouble) = (isOurs, nil) }
      return (state.isLeading != isOurs, state.trouble != nil)
    }
    guard isNews || wasTroubled else { return }
    log.info("\(isOurs ? "sending the outbox" : "another relay sends the outbox")")
  }

  func delivered(after delay: Duration) { delays.observe(delay) }

  func published(_ count: Int) {
    published.increment(by: UInt64(count))
    let wasTroubled = state.withLock { state in
      defer { state.trouble = nil }
      return state.trouble != nil
    }
    if wasTroubled { log.info("events go to Kafka again") }
  }

  func measured(_ backlog: OutboxBacklog) { state.withLock { $0.backlog = (backlog, .now) } }

  func parked(_ id: Int64, reason: String) {
    count("parked")
    log.error("an event was parked: Kafka refuses it", metadata: ["id": "\(id)", "reason": "\(reason)"])
  }

  func undelivered(_ problem: DeliveryProblem) {
    switch problem {
    // Counted when it is parked.
    case .refused: break
    case .failed(let name), .broken(let name): trouble("kafka \(name)", "Kafka does not take events")
    }
  }

  func kafkaSilent() { trouble("kafka silent", "Kafka acknowledges nothing; events wait in the outbox") }

  func failed(_ failure: RelayFailure) {
    switch failure {
    case .database(let error):
      leader.set(0)
      trouble("postgres \(error.sqlState ?? Self.cause(error))", "\(error)")
    case .schema(let problem):
      leader.set(0)
      trouble("schema", problem)
    case .kafka(let name): trouble("kafka \(name)", "no Kafka client can be made")
    }
  }

  private static func cause(_ error: PostgresError) -> String {
    switch error {
    case .connection: "connection"
    case .interrupted: "interrupted"
    case .deadlineExceeded: "deadline"
    default: "other"
    }
  }

  private func trouble(_ cause: String, _ text: String) {
    count(cause)
    let isNews = state.withLock { state in
      defer { (state.trouble, state.isLeading) = (cause, nil) }
      return state.trouble != cause
    }
    if isNews { log.warning("\(text)", metadata: ["cause": "\(cause)"]) }
  }

  private func count(_ cause: String) {
    metrics.counter(
      "outbox_errors_total", help: "Steps of the relay that came to nothing, by cause.", labels: ["cause": cause]
    ).increment()
  }
}
