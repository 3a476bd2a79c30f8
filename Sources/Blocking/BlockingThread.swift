import Dispatch
import Foundation
import Synchronization

/// A thread for work that blocks: C libraries, file systems, waits. The cooperative pool must never wait for those.
package final class BlockingThread: Sendable {
  private let returned = DispatchSemaphore(value: 0)
  /// Nil once it was joined.
  private let handle: Mutex<pthread_t?>

  /// Starts at once.
  /// - Parameters:
  ///   - name: as debuggers and `top -H` show it; the kernel keeps 15 bytes of it.
  ///   - stackBytes: address space for its stack.
  package init(_ name: String, stackBytes: Int = 2 << 20, _ body: @escaping @Sendable () -> Void) {
    var attributes = pthread_attr_t()
    pthread_attr_init(&attributes)
    pthread_attr_setstacksize(&attributes, max(stackBytes, 64 << 10))
    defer { pthread_attr_destroy(&attributes) }
    var thread = pthread_t()
    let start = Unmanaged.passRetained(Start(name: String(name.prefix(15)), body: body, returned: returned))
    let code = pthread_create(
      &thread, &attributes,
      { argument in
        guard let argument else { return nil }
        let start = Unmanaged<Start>.fromOpaque(argument).takeRetainedValue()
        Thread.current.name = start.name
        start.body()
        start.returned.signal()
        return nil
      }, start.toOpaque())
    precondition(code == 0, "cannot start a thread: \(String(cString: strerror(code)))")
    handle = Mutex(thread)
  }

  deinit {
    handle.withLock { if let thread = $0 { pthread_detach(thread) } }
  }

  private final class Start: Sendable {
    let name: String
    let body: @Sendable () -> Void
    let returned: DispatchSemaphore

    init(name: String, body: @escaping @Sendable () -> Void, returned: DispatchSemaphore) {
      self.name = name
      self.body = body
      self.returned = returned
    }
  }

  /// Waits until the thread has ended, and what C libraries keep for it is gone: a process that exits while OpenSSL still
  /// tidies up after a thread crashes. Blocks: call it from a thread that may.
  package func join() {
    returned.wait()
    returned.signal()
    reap()
  }

  /// Waits until the thread has ended, but not beyond `timeout`.
  /// - Returns: whether it has.
  package func join(within timeout: Duration) -> Bool {
    let (seconds, attoseconds) = timeout.components
    let nanoseconds = Int(seconds) * 1_000_000_000 + Int(attoseconds / 1_000_000_000)
    guard returned.wait(timeout: .now() + .nanoseconds(nanoseconds)) == .success else { return false }
    returned.signal()
    reap()
    return true
  }

  private func reap() {
    handle.withLock { handle in
      if let thread = handle { pthread_join(thread, nil) }
      handle = nil
    }
  }

  /// Makes the calling thread wait, which must be one that may.
  package static func sleep(_ duration: Duration) {
    Thread.sleep(forTimeInterval: max(0, duration / .seconds(1)))
  }

  /// Runs `body` on a thread of its own while the calling task is suspended, and goes on once that thread has ended.
  package static func run<Value: Sendable>(
    _ name: String, stackBytes: Int = 2 << 20, _ body: @escaping @Sendable () throws -> Value
  ) async throws -> Value {
    try await withCheckedThrowingContinuation { continuation in
      let outcome = Outcome<Value>()
      let thread = BlockingThread(name, stackBytes: stackBytes) {
        let result = Result { try body() }
        outcome.result.withLock { $0 = result }
      }
      _ = BlockingThread(name) {
        thread.join()
        guard let result = outcome.result.withLock({ $0 }) else { preconditionFailure("a thread leaves its result") }
        continuation.resume(with: result)
      }
    }
  }

  private final class Outcome<Value: Sendable>: Sendable {
    let result = Mutex<Result<Value, any Error>?>(nil)
  }
}
