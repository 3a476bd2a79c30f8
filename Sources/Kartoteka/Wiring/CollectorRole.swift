import Blocking
import Collector
import Foundation
import HTTPService
import Logging
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

  /// Collects until SIGTERM or SIGINT.
  /// - Throws: `CollectorFailure`, or the operations server's failure to start.
  func run() async throws {
    let log = Logger(label: "collector")
    let metrics = MetricsRegistry()
    ProcessMetrics.register(in: metrics)
    let report = CollectorReport(metrics: metrics, log: log)
    metrics.gauges("collector_ready", help: "1 while /health/ready answers 200, else 0.") {
      [.init(report.notReady == nil ? 1 : 0)]
    }
    let stop = CancellationFlag()
    let check = HealthCheck("collector") { report.notReady.map { .notReady($0) } ?? .ready }
    // What matters of it is thrown or logged here; cancelled on purpose, it complains.
    var quiet = log
    quiet.logLevel = .critical
    let operations = OperationsServer(
      host: host, port: port, checks: [check], metrics: metrics, limits: limits, logger: quiet,
      onRunning: { log.info("listening", metadata: ["port": "\($0)"]) })
    let signals = StopSignals()
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { try await operations.run() }
      group.addTask {
        for await _ in signals {
          stop.raise()
          return
        }
      }
      group.addTask { [configuration] in
        try await Self.collect(configuration, report: report, metrics: metrics, stop: stop)
        throw CancellationError()
      }
      do {
        while try await group.next() != nil {}
      } catch is CancellationError {
        group.cancelAll()
      } catch {
        // Whichever fails first, the others end too.
        stop.raise()
        group.cancelAll()
        throw error
      }
    }
  }

  /// The collector blocks, so it has a thread of its own.
  private static func collect(
    _ configuration: CollectorConfiguration, report: CollectorReport, metrics: MetricsRegistry, stop: CancellationFlag
  ) async throws {
    try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
      let thread = Thread {
        continuation.resume(
          with: Result {
            let collector: Collector
            do {
              collector = try Collector(configuration, report: report, metrics: metrics, stop: stop)
            } catch {
              // Told to stop while it waited for ClickHouse.
              if stop.isRaised { return }
              throw error
            }
            try collector.run()
          })
      }
      thread.name = "collector"
      thread.stackSize = 2 << 20
      thread.start()
    }
  }
}
