import Blocking
import Kafka
import Logging
import Postgres
import ServiceLifecycle
import Telemetry

/// Sends the events of a service's outbox to Kafka, each at least once and in the order of its key, on a thread of its own.
/// Of several relays of one database one sends; another takes over when it goes.
///
/// Asked to stop, it first sends what is committed, for at most ten seconds: it stands among the services that stop after
/// the HTTP server. Cancelled, it ends at once; what is in the table stays there.
package struct OutboxRelay: Service {
  private let database: PostgresConfiguration
  private let kafka: KafkaConfiguration
  private let signal: OutboxSignal
  private let report: RelayReport
  private let log: Logger

  /// - Parameters:
  ///   - database: of the service, with a session for the relay alone.
  ///   - kafka: properties for a client of the relay's own; `message.timeout.ms` is not looked at.
  ///   - signal: raised by the service after each commit that wrote events.
  package init(
    _ database: PostgresConfiguration, _ kafka: KafkaConfiguration, signal: OutboxSignal, metrics: MetricsRegistry,
    log: Logger
  ) {
    self.database = database
    self.kafka = kafka
    self.signal = signal
    self.log = log
    report = RelayReport(metrics: metrics, log: log)
  }

  /// - Throws: `KafkaError` for properties that are refused. Nothing else ends it before it is told to stop.
  package func run() async throws {
    let (stop, end) = (CancellationFlag(), CancellationFlag())
    try await withTaskCancellationHandler {
      try await withGracefulShutdownHandler {
        try await BlockingThread.run("outbox") { try relay(stop: stop, end: end) }
      } onGracefulShutdown: {
        stop.raise()
        signal.raise()
      }
    } onCancel: {
      end.raise()
      signal.raise()
    }
  }

  private func relay(stop: CancellationFlag, end: CancellationFlag) throws {
    let stepper = RelayStepper(
      table: OutboxTable(database), outlet: try KafkaOutlet(kafka), clock: SignalClock(signal), report: report)
    while !end.isRaised {
      if stop.isRaised { stepper.stop() }
      guard let isComplete = stepper.step() else { continue }
      if !isComplete { log.warning("stopped with events in the outbox; the next relay sends them") }
      return
    }
  }
}

/// The continuous clock, and a service's signal.
private final class SignalClock: RelayClock {
  private let signal: OutboxSignal

  init(_ signal: OutboxSignal) { self.signal = signal }

  var now: ContinuousClock.Instant { .now }
  func wait(until moment: ContinuousClock.Instant) { signal.wait(until: moment) }
  func takeSignal() -> Bool { signal.take() }
}
