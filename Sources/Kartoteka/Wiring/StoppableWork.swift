import Blocking
import ServiceLifecycle
import Synchronization

/// Work of one command on a thread of its own, as a service: it is told to stop by SIGTERM, SIGINT, or the end of its task.
final class StoppableWork<Result: Sendable>: Service {
  private let name: String
  private let work: @Sendable (CancellationFlag) throws -> Result
  private let outcome = Mutex<Result?>(nil)

  /// - Parameter work: returns soon once the flag is raised.
  init(_ name: String, _ work: @escaping @Sendable (CancellationFlag) throws -> Result) {
    self.name = name
    self.work = work
  }

  /// Nil until it has run.
  var result: Result? { outcome.withLock { $0 } }

  func run() async throws {
    let stop = CancellationFlag()
    let result = try await withTaskCancellationOrGracefulShutdownHandler {
      try await BlockingThread.run(name, stackBytes: 4 << 20) { [work] in try work(stop) }
    } onCancelOrGracefulShutdown: {
      stop.raise()
    }
    outcome.withLock { $0 = result }
  }
}
