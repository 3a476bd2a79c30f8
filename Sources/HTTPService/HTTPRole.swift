import Foundation
import Hummingbird
import HummingbirdCore
import Logging
import NIOCore
import ServiceLifecycle
import Telemetry

/// An HTTP server of one role: binds, serves, and stops on SIGTERM or SIGINT, after it has drained, when the requests it has
/// begun are answered.
package struct HTTPRole: Sendable {
  /// The server could not start; one sentence for the operator.
  package struct StartFailure: Error, CustomStringConvertible {
    package let description: String
  }

  /// Makes a handler of HTTP/1 parts that sees a connection's requests before the router does, and may answer them itself.
  package typealias Interceptor = @Sendable (any Channel, InterceptedConnection) -> any ChannelHandler

  /// How long begun requests may still take once the server has drained.
  package let stopDeadline: Duration

  private let host: String
  private let port: Int
  private let limits: ConnectionLimits
  private let drain: Drain
  private let logger: Logger
  private let onRunning: @Sendable (Int) async -> Void

  /// What sending an answer may take beyond the longest time that making it does.
  private static let stopMargin = Duration.seconds(5)

  /// - Parameters:
  ///   - port: 0 takes any free one; `onRunning` is told which.
  ///   - longestRequest: what answering one request may take; a stop waits for that, and a little longer.
  ///   - limits: what a client may take of the server.
  ///   - drain: how it stops; the same is asked at `/health/ready`.
  package init(
    host: String, port: Int, longestRequest: Duration = .seconds(5), limits: ConnectionLimits = ConnectionLimits(),
    drain: Drain = Drain(), logger: Logger, onRunning: @escaping @Sendable (Int) async -> Void = { _ in }
  ) {
    self.host = host
    self.port = port
    stopDeadline = longestRequest + Self.stopMargin
    self.limits = limits
    self.drain = drain
    self.logger = logger
    self.onRunning = onRunning
  }

  /// Serves until a stop signal (when `stopsOnSignals`), or until the surrounding task is cancelled.
  /// - Parameters:
  ///   - metrics: get the connections; none if nil.
  ///   - interceptor: called on its event loop for each connection.
  /// - Throws: `StartFailure` when the address cannot be bound.
  package func serve<Context: RequestContext>(
    _ router: Router<Context>, metrics: MetricsRegistry? = nil, stopsOnSignals: Bool = true,
    interceptor: Interceptor? = nil
  ) async throws where Context.Source == ApplicationRequestContextSource {
    let (limits, census) = (limits, ConnectionCensus(limits, metrics))
    if let metrics {
      metrics.gauges("http_connections", help: "Open connections.") { [.init(Double(census.count))] }
    }
    let application = Application(
      router: router,
      server: HTTPServerBuilder { [drain] responder in
        LoopBoundChannel(
          base: HTTP1Channel(
            responder: responder,
            configuration: .init(additionalChannelHandlers: [
              ConnectionSetup(
                ConnectionHandler(limits, census, drain, isIntercepted: interceptor != nil), census, interceptor)
            ])))
      },
      configuration: .init(address: .hostname(host, port: port), serverName: nil),
      onServerRunning: { [onRunning] channel in await onRunning(channel.localAddress?.port ?? 0) },
      logger: logger)
    var configuration = ServiceGroupConfiguration(
      services: [DrainedServer(application, drain, logger: quiet)],
      gracefulShutdownSignals: stopsOnSignals ? [.sigterm, .sigint] : [], logger: quiet)
    configuration.maximumGracefulShutdownDuration = drain.period + stopDeadline
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
