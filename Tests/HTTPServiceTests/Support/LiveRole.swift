import HTTPService
import Hummingbird
import Logging
import Telemetry

/// A server with one route for each way in which an answer leaves, for as long as `body` runs. (Tests do not import
/// Hummingbird themselves: its operators make the test macros' constants no constants.)
enum LiveRole {
  struct Broken: Error {}

  static func serve(
    limits: ConnectionLimits = ConnectionLimits(), metrics: MetricsRegistry = MetricsRegistry(),
    _ body: @Sendable (Int) async throws -> Void
  ) async throws {
    let (ports, announce) = AsyncStream<Int>.makeStream()
    let role = HTTPRole(
      host: "127.0.0.1", port: 0, limits: limits,
      logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }, onRunning: { announce.yield($0) })
    try await withThrowingTaskGroup { group in
      group.addTask { try await role.serve(router(metrics), metrics: metrics, stopsOnSignals: false) }
      if let port = await ports.first(where: { _ in true }) { try await body(port) }
      group.cancelAll()
    }
  }

  private static func router(_ metrics: MetricsRegistry) -> Router<ServiceContext> {
    let router = Router(context: ServiceContext.self, options: .autoGenerateHeadEndpoints)
    router.add(middleware: RequestObserver(metrics: metrics))
    router.add(middleware: FailureBodies())
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
