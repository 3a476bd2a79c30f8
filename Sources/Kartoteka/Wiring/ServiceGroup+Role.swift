import Logging
import ServiceLifecycle

extension ServiceGroup {
  /// Runs `work` until it has ended, or until SIGTERM or SIGINT asks it to stop; `beside` it, what must answer until then.
  /// - Parameter deadline: how long the stop may take; nil: as long as it wants.
  /// - Throws: what the first of them to fail threw.
  static func run(
    _ work: any Service, beside others: [any Service] = [], stopWithin deadline: Duration? = nil, log: Logger
  ) async throws {
    // What matters of the group's own life is thrown or logged by its services.
    var quiet = log
    quiet.logLevel = .critical
    // Stopped from the last to the first.
    let services = [StopGuard(deadline: deadline, log: log)] + others + [work]
    var configuration = ServiceGroupConfiguration(
      services: services.map {
        .init(
          service: $0, successTerminationBehavior: .gracefullyShutdownGroup, failureTerminationBehavior: .cancelGroup)
      }, logger: quiet)
    configuration.gracefulShutdownSignals = [.sigterm, .sigint]
    try await ServiceGroup(configuration: configuration).run()
  }
}
