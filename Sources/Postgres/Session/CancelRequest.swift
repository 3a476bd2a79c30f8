import Blocking
import CLibPQ
import Synchronization

/// Where and how to ask the server to stop what a session runs. `@unchecked`: libpq's `PGcancel` is made to be used from
/// another thread, and is never written to.
final class CancelRequest: @unchecked Sendable {
  private let handle: OpaquePointer

  /// Owns `handle` from now on.
  init(_ handle: OpaquePointer) { self.handle = handle }

  deinit { PQfreeCancel(handle) }

  /// Blocks until the server has taken the request, or for as long as it is frozen.
  func send() {
    withUnsafeTemporaryAllocation(of: CChar.self, capacity: 256) { words in
      // Its words hold an address; that it failed shows by the statement not ending.
      _ = PQcancel(handle, words.baseAddress, Int32(words.count))
    }
  }
}

/// Sends cancel requests, each on a thread of its own, since libpq waits for the server's answer without an end.
final class Canceller: Sendable {
  /// Threads at once: those that a frozen server holds up.
  private static let most = 8
  private let underWay = Atomic(0)

  /// - Returns: a flag that is raised once the server has taken the request; nil if too many wait already.
  func send(_ request: CancelRequest) -> CancellationFlag? {
    guard underWay.add(1, ordering: .relaxed).newValue <= Self.most else {
      underWay.subtract(1, ordering: .relaxed)
      return nil
    }
    let taken = CancellationFlag()
    _ = BlockingThread("pg-cancel", stackBytes: 256 << 10) { [self] in
      request.send()
      taken.raise()
      underWay.subtract(1, ordering: .relaxed)
    }
    return taken
  }
}
