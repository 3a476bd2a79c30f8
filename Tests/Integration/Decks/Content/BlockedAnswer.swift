import HTTPServiceTesting
import Synchronization

/// An answer that a test waits for from a thread of its own.
final class BlockedAnswer: Sendable {
  private let state = Mutex<(isThere: Bool, code: String?)>((false, nil))

  func set(_ answer: RouterAnswer?) { state.withLock { $0 = (true, answer?.code) } }

  var isThere: Bool { state.withLock { $0.isThere } }
  var code: String? { state.withLock { $0.code } }
}
