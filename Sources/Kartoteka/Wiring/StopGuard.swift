import Foundation
import Logging
import ServiceLifecycle
import UnixSignals

/// Bounds the stop of a group of services: a second SIGTERM or SIGINT ends the process at once, with the status a shell gives
/// to a program that a signal killed (143, 130), and so does a stop that outlasts its deadline, with status 1.
///
/// First in its group, so that it stands until all others have stopped.
struct StopGuard: Service {
  /// How long everything may take from the first signal; nil: as long as it wants.
  var deadline: Duration?
  let log: Logger

  func run() async throws {
    let signals = await UnixSignalsSequence(trapping: .sigterm, .sigint)
    var timer: Task<Void, Never>?
    defer { timer?.cancel() }
    for await signal in signals.cancelOnGracefulShutdown() {
      if timer != nil {
        log.warning("a second signal: ended at once")
        _exit(signal == .sigint ? 130 : 143)
      }
      timer = Task { [deadline, log] in
        guard let deadline else { return }
        do { try await Task.sleep(for: deadline) } catch { return }
        log.critical("not stopped within the deadline: ended", metadata: ["deadline": "\(deadline)"])
        _exit(1)
      }
    }
  }
}
