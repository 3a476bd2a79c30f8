import ServiceContract
import Synchronization
import Users

/// Stands for the auth service: notes whose sessions were ended, and fails when told to.
final class RecordedSessions: SessionRevoker {
  struct Unreachable: Error {}

  private struct State {
    var ended: [Int64] = []
    var fails = false
    var delay: Duration?
  }

  private let state = Mutex(State())

  var ended: [Int64] { state.withLock { $0.ended } }

  func fail(_ fails: Bool) { state.withLock { $0.fails = fails } }

  /// Answers only after so long.
  func delay(_ delay: Duration?) { state.withLock { $0.delay = delay } }

  func revokeSessions(of person: Int64, for context: CallContext) async throws {
    let (fails, delay) = state.withLock { ($0.fails, $0.delay) }
    if let delay { try await Task.sleep(for: delay) }
    if fails { throw Unreachable() }
    state.withLock { $0.ended.append(person) }
  }
}
