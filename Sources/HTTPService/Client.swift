import Hummingbird
import NIOCore

/// Who waits for an answer at the other end of a connection.
package struct Client: Sendable {
  private let channel: any Channel

  package init(_ source: ApplicationRequestContextSource) {
    channel = source.channel
  }

  /// Runs `work` as long as the client waits for it: once the client closes its connection, the work is cancelled.
  package func attend<Value: Sendable>(_ work: @escaping @Sendable () async throws -> Value) async throws -> Value {
    let watch = try? await channel.eventLoop.submit { [channel] in
      try channel.pipeline.syncOperations.handler(type: ConnectionWatch.self)
    }.get()
    let task = Task { try await work() }
    let number = watch?.whenClosed { task.cancel() }
    defer { if let number { watch?.forget(number) } }
    return try await withTaskCancellationHandler {
      try await task.value
    } onCancel: {
      task.cancel()
    }
  }
}
