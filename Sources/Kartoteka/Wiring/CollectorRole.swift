import Blocking
import Collector
import HTTPService
import Logging
import ServiceLifecycle
import Telemetry

/// A collector as a process: its threads, its port, its signals.
struct CollectorRole: Sendable {
  private let configuration: CollectorConfiguration
  private let host: String
  private let port: Int
  private let limits: ConnectionLimits

  init(configuration: CollectorConfiguration, host: String, port: Int, limits: ConnectionLimits) {
    self.configuration = configuration
    self.host = host
    self.port = port
    self.limits = limits
  }

  /// Collects until SIGTERM or SIGINT; a second one ends the process at once.
  /// - Throws: `CollectorFailure`, or the operations server's failure to start.
  func run() async throws {
    let log = Logger(label: "collector")
    let metrics = MetricsRegistry.bootstrap()
    let report = CollectorReport(metrics: metrics, log: log)
    metrics.gauges("collector_ready", help: "1 while /health/ready answers 200, else 0.") {
      [.init(report.notReady == nil ? 1 : 0)]
    }
    let check = HealthCheck("collector") { report.notReady.map { .notReady($0) } ?? .ready }
    // What matters of it is thrown or logged here; cancelled on purpose, it complains.
    var quiet = log
    quiet.logLevel = .critical
    let operations = OperationsServer(
      host: host, port: port, checks: [check], metrics: metrics, limits: limits, logger: quiet,
      onRunning: { log.info("listening", metadata: ["port": "\($0)"]) })
    try await ServiceGroup.run(
      CollectorService(configuration: configuration, report: report, metrics: metrics), beside: [operations],
      // The collector ends by its own deadline; this is for what it cannot end.
      stopWithin: .milliseconds(configuration.stopDeadlineMs) + .seconds(5), log: log)
  }
}

/// The collector in its group of services. It blocks, so it has a thread of its own.
private struct CollectorService: Service {
  let configuration: CollectorConfiguration
  let report: CollectorReport
  let metrics: MetricsRegistry

  func run() async throws {
    let stop = CancellationFlag()
    try await withTaskCancellationOrGracefulShutdownHandler {
      try await BlockingThread.run("collector") { [configuration, report, metrics] in
        let collector: Collector
        do {
          collector = try Collector(configuration, report: report, metrics: metrics, stop: stop)
        } catch {
          // Told to stop while it waited for ClickHouse.
          if stop.isRaised { return }
          throw error
        }
        try collector.run()
      }
    } onCancelOrGracefulShutdown: {
      stop.raise()
    }
  }
}
