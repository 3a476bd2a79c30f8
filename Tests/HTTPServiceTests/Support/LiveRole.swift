import HTTPService
import Hummingbird
import Logging
import ServiceLifecycle
import Telemetry

/// A server with one route for each way in which an answer leaves, for as long as `body` runs. (Tests do not import
/// Hummingbird themselves: its operators make the test macros' constants no constants.)
enum LiveRole {
  struct Broken: Error {}

  static func serve(
    limits: ConnectionLimits = ConnectionLimits(), metrics: MetricsRegistry = MetricsRegistry(), drain: Drain = Drain(),
    _ body: @Sendable (Int) async throws -> Void
  ) async throws {
    try await LiveRouter.serve({ router(metrics) }, limits: limits, metrics: metrics, drain: drain, body)
  }

  /// Serves while `body` runs, which may ask the server to stop, and until it has stopped.
  static func stopping(_ drain: Drain, _ body: @Sendable (Int, @Sendable () async -> Void) async throws -> Void)
    async throws
  {
    let (ports, announce) = AsyncStream<Int>.makeStream()
    let log = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    let role = HTTPRole(host: "127.0.0.1", port: 0, drain: drain, logger: log, onRunning: { announce.yield($0) })
    let group = ServiceGroup(services: [Served(role: role, drain: drain)], logger: log)
    try await withThrowingTaskGroup { tasks in
      tasks.addTask { try await group.run() }
      if let port = await ports.first(where: { _ in true }) {
        try await body(port) { await group.triggerGracefulShutdown() }
      }
      try await tasks.waitForAll()
    }
  }

  private struct Served: Service {
    let role: HTTPRole
    let drain: Drain

    func run() async throws { try await role.serve(router(MetricsRegistry(), drain), stopsOnSignals: false) }
  }

  private static func router(_ metrics: MetricsRegistry, _ drain: Drain = Drain()) -> Router<ServiceContext> {
    let router = Router(context: ServiceContext.self, options: .autoGenerateHeadEndpoints)
    router.add(middleware: RequestFrame(observer: RequestObserver(metrics: metrics), failures: FailureBodies()))
    OperationsRoutes(checks: [drain.check], metrics: metrics).add(to: router)
    router.get("/plain") { _, _ in "plain" }
    router.get("/failed") { _, _ -> String in throw Broken() }
    router.get("/broken") { _, _ in Response(status: .ok, body: ResponseBody { _ in throw Broken() }) }
    router.get("/streamed") { _, _ in
      Response(
        status: .ok,
        body: ResponseBody { writer in
          try await writer.write(ByteBuffer(string: "streamed"))
          try await writer.finish(nil)
        })
    }
    router.get("/endless") { _, _ in
      Response(
        status: .ok,
        body: ResponseBody { writer in
          let (ticks, tick) = AsyncStream<Void>.makeStream()
          let number = drain.whenBegun { tick.finish() }
          defer { drain.forget(number) }
          try await writer.write(ByteBuffer(string: "begun"))
          for await _ in ticks {}
          try await writer.write(ByteBuffer(string: "ended"))
          try await writer.finish(nil)
        })
    }
    router.get("/large") { _, _ in
      Response(status: .ok, body: .init(byteBuffer: ByteBuffer(repeating: 65, count: 64 << 20)))
    }
    router.post("/body") { request, _ in
      var request = request
      return "\(try await request.collectBody(upTo: 1000).readableBytes)"
    }
    return router
  }
}
