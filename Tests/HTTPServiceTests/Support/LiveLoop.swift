import HTTPService
import Hummingbird
import NIOCore

/// A server whose answer says whether it was begun, and ended after a pause, on its connection's event loop.
enum LiveLoop {
  private struct ChannelContext: RequestContext {
    var coreContext: CoreRequestContextStorage
    let channel: any Channel

    init(source: Source) {
      coreContext = .init(source: source)
      channel = source.channel
    }
  }

  private static func router() -> Router<ChannelContext> {
    let router = Router(context: ChannelContext.self)
    router.get("/") { _, context in
      let began = context.channel.eventLoop.inEventLoop
      try await Task.sleep(for: .milliseconds(1))
      return "\(began) \(context.channel.eventLoop.inEventLoop)"
    }
    return router
  }

  static func serve(_ body: @Sendable (Int) async throws -> Void) async throws {
    try await LiveRouter.serve(router, body)
  }
}
