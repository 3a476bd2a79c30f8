import Dispatch
import Foundation

/// A thread for work that blocks: C libraries, file systems, waits. The cooperative pool must never wait for those.
package final class BlockingThread: Sendable {
  private let ended = DispatchSemaphore(value: 0)

  /// Starts at once.
  /// - Parameters:
  ///   - name: as debuggers and `top -H` show it; the kernel keeps 15 bytes of it.
  ///   - stackBytes: address space for its stack.
  package init(_ name: String, stackBytes: Int = 2 << 20, _ body: @escaping @Sendable () -> Void) {
    let ended = ended
    let thread = Thread {
      body()
      ended.signal()
    }
    thread.name = name
    thread.stackSize = stackBytes
    thread.start()
  }

  /// Waits until the body has returned. Blocks: call it from a thread that may.
  package func join() {
    ended.wait()
    ended.signal()
  }

  /// Waits until the body has returned, but not beyond `timeout`.
  /// - Returns: whether it has.
  package func join(within timeout: Duration) -> Bool {
    let (seconds, attoseconds) = timeout.components
    let nanoseconds = Int(seconds) * 1_000_000_000 + Int(attoseconds / 1_000_000_000)
    guard ended.wait(timeout: .now() + .nanoseconds(nanoseconds)) == .success else { return false }
    ended.signal()
    return true
  }

  /// Makes the calling thread wait, which must be one that may.
  package static func sleep(_ duration: Duration) {
    Thread.sleep(forTimeInterval: max(0, duration / .seconds(1)))
  }

  /// Runs `body` on a thread of its own while the calling task is suspended.
  package static func run<Value: Sendable>(
    _ name: String, stackBytes: Int = 2 << 20, _ body: @escaping @Sendable () throws -> Value
  ) async throws -> Value {
    try await withCheckedThrowingContinuation { continuation in
      _ = BlockingThread(name, stackBytes: stackBytes) { continuation.resume(with: Result { try body() }) }
    }
  }
}
