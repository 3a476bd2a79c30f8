import Foundation
import Hummingbird
import Logging
import NIOCore
import ServiceLifecycle

/// An HTTP server of one role: binds, serves, and stops on SIGTERM or SIGINT after the requests it has begun.
package struct HTTPRole: Sendable {
  /// The server could not start; one sentence for the operator.
  package struct StartFailure: Error, CustomStringConvertible {
    package let description: String
  }

  private let host: String
  private let port: Int
  private let stopDeadline: Duration
  private let logger: Logger
  private let onRunning: @Sendable (Int) async -> Void

  /// - Parameters:
  ///   - port: 0 takes any free one; `onRunning` is told which.
  ///   - stopDeadline: how long begun requests may still take once asked to stop.
  package init(
    host: String, port: Int, stopDeadline: Duration = .seconds(10), logger: Logger,
    onRunning: @escaping @Sendable (Int) async -> Void = { _ in }
  ) {
    self.host = host
    self.port = port
    self.stopDeadline = stopDeadline
    self.logger = logger
    self.onRunning = onRunning
  }

  /// Serves until a stop signal (when `stopsOnSignals`), or until the surrounding task is cancelled.
  /// - Throws: `StartFailure` when the address cannot be bound.
  package func serve<Context: RequestContext>(
    _ router: Router<Context>, stopsOnSignals: Bool = true
  ) async throws where Context.Source == ApplicationRequestContextSource {
    let application = Application(
      router: router,
      server: .http1(
        configuration: .init(additionalChannelHandlers: [ConnectionWatch()], idleTimeout: .seconds(120))),
      configuration: .init(address: .hostname(host, port: port), serverName: nil),
      onServerRunning: { [onRunning] channel in await onRunning(channel.localAddress?.port ?? 0) },
      logger: logger)
    var configuration = ServiceGroupConfiguration(
      services: [application], gracefulShutdownSignals: stopsOnSignals ? [.sigterm, .sigint] : [], logger: quiet)
    configuration.maximumGracefulShutdownDuration = stopDeadline
    do {
      try await ServiceGroup(configuration: configuration).run()
    } catch is CancellationError {
      return
    } catch let error as IOError where error.errnoCode == EADDRINUSE {
      throw StartFailure(description: "Port \(port) on \(host) is taken by another program: stop it or choose another.")
    } catch let error as IOError {
      throw StartFailure(description: "Cannot listen on \(host):\(port): \(error)")
    } catch let error as SocketAddressError {
      throw StartFailure(description: "Cannot listen on \(host):\(port): \(error)")
    }
  }

  private var quiet: Logger {
    var logger = logger
    logger.logLevel = max(logger.logLevel, .error)
    return logger
  }
}
