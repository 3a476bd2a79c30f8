import Logging
import ServiceLifecycle

/// A server that is told to stop only after it has drained.
struct DrainedServer<Server: Service>: Service {
  private let group: ServiceGroup
  private let drain: Drain

  init(_ server: Server, _ drain: Drain, logger: Logger) {
    // A group of its own: what asks the group around to stop must not reach the server at once.
    group = ServiceGroup(configuration: .init(services: [server], logger: logger))
    self.drain = drain
  }

  func run() async throws {
    let group = group
    // Detached, since a group also obeys the one that its task belongs to.
    let serving = Task.detached { try await group.run() }
    let stopping = Task { [drain] in
      do { try await gracefulShutdown() } catch { return }
      drain.begin()
      // Cancelled, it has drained for long enough.
      try? await Task.sleep(for: drain.period)
      await group.triggerGracefulShutdown()
    }
    defer { stopping.cancel() }
    try await withTaskCancellationHandler {
      try await serving.value
    } onCancel: {
      stopping.cancel()
      serving.cancel()
    }
  }
}
