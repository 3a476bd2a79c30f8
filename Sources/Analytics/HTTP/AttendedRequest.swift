import Hummingbird

/// Work done only as long as somebody waits for it.
enum AttendedRequest {
  /// Runs `work`; once the client closes its connection the work is cancelled.
  ///
  /// Watching a connection costs its reuse, so it begins only when the work takes longer than `patience`.
  static func result<Value: Sendable>(
    of request: Request, patience: Duration = .milliseconds(250), work: @escaping @Sendable () async throws -> Value
  ) async throws -> (value: Value, closesConnection: Bool) {
    let (ended, signal) = AsyncStream<Void>.makeStream()
    let task = Task {
      defer { signal.finish() }
      return try await work()
    }
    return try await withTaskCancellationHandler {
      if await ends(ended, within: patience) { return (try await task.value, false) }
      let value = try await request.body.consumeWithInboundCloseHandler { _ in
        try await task.value
      } onInboundClosed: {
        task.cancel()
      }
      return (value, true)
    } onCancel: {
      task.cancel()
    }
  }

  private static func ends(_ ended: AsyncStream<Void>, within limit: Duration) async -> Bool {
    await withTaskGroup(of: Bool.self) { group in
      group.addTask {
        for await _ in ended {}
        return !Task.isCancelled
      }
      group.addTask {
        try? await Task.sleep(for: limit)
        return false
      }
      let first = await group.next() ?? false
      group.cancelAll()
      return first
    }
  }
}
