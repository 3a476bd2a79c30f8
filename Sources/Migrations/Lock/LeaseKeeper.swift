import Blocking
import ClickHouse
import Dispatch
import Synchronization

/// Renews a lock from a thread and a connection of its own while statements run, and stops them if it cannot.
final class LeaseKeeper: Sendable {
  /// Raised when the lock is lost, or may be: the lease ran out before it could be renewed.
  let lost = CancellationFlag()
  private let stop = DispatchSemaphore(value: 0)
  private let thread: BlockingThread

  /// - Parameters:
  ///   - heldSince: when the claim was sent, so that our view of the lease ends before the server's.
  init(_ lock: MigrationLock, _ configuration: ClickHouseConfiguration, heldSince: ContinuousClock.Instant) {
    let claim = lock.claim
    let runner = lock.runner
    let leaseMs = lock.leaseMs
    var configuration = configuration
    configuration.requestTimeoutMs = max(1000, leaseMs / 3)
    configuration.connectTimeoutMs = max(1000, leaseMs / 3)
    let settled = configuration
    thread = BlockingThread("migration lease") { [lost, stop] in
      let lock = MigrationLock(
        connection: ClickHouseConnection(settled), runner: runner, claim: claim, leaseMs: leaseMs)
      var deadline = heldSince + .milliseconds(leaseMs)
      while stop.wait(timeout: .now() + .milliseconds(leaseMs / 4)) == .timedOut {
        let sent = ContinuousClock.now
        if let renewed = try? lock.renew() {
          guard renewed else { return lost.raise() }
          deadline = sent + .milliseconds(leaseMs)
        }
        if ContinuousClock.now >= deadline { return lost.raise() }
      }
    }
  }

  /// Ends renewing and waits until no renewal is under way.
  func end() {
    stop.signal()
    thread.join()
  }
}
