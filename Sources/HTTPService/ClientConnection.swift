import Hummingbird
import NIOCore

/// The connection at whose other end somebody waits for an answer.
package struct ClientConnection: Sendable {
  private let channel: any Channel

  package init(_ source: ApplicationRequestContextSource) {
    channel = source.channel
  }

  /// Of the peer, as `127.0.0.1`; nil where there is none.
  package var peerAddress: String? { channel.remoteAddress?.ipAddress }

  /// When the head of the request that is being answered arrived.
  package func requestArrival() async -> ContinuousClock.Instant {
    let now = ContinuousClock.now
    return await handler()?.arrival ?? now
  }

  /// Runs `work`, and cancels it once the client closes its connection.
  package func cancelWhenDisconnected<Value: Sendable>(
    _ work: @escaping @Sendable () async throws -> Value
  ) async throws -> Value {
    let handler = await handler()
    let task = Task { try await work() }
    let number = handler?.whenDisconnected { task.cancel() }
    defer { if let number { handler?.forget(number) } }
    return try await withTaskCancellationHandler {
      try await task.value
    } onCancel: {
      task.cancel()
    }
  }

  private func handler() async -> ConnectionHandler? {
    // Whoever answers on the connection's event loop, as all requests are, need not go there.
    if channel.eventLoop.inEventLoop {
      return try? channel.pipeline.syncOperations.handler(type: ConnectionHandler.self)
    }
    return try? await channel.pipeline.handler(type: ConnectionHandler.self).get()
  }
}
