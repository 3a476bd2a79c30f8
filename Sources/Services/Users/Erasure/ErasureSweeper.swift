import Logging
import ServiceContract
import ServiceLifecycle
import Telemetry

/// Erases, again and again, those whose grace is over.
package struct ErasureSweeper: Service {
  private static let batch = 100
  private static let longest = Duration.seconds(10)

  private let store: UserStore
  private let grace: Duration
  private let period: Duration
  private let wallClock: @Sendable () -> Int64
  private let log: Logger
  private let erased: Counter
  private let failed: Counter

  /// - Parameters:
  ///   - grace: how long a deleted person's data stays; 0: until the next look.
  ///   - period: between two looks.
  ///   - wallClock: milliseconds since 1970.
  package init(
    store: UserStore, grace: Duration, every period: Duration = .seconds(10), metrics: MetricsRegistry, log: Logger,
    wallClock: @escaping @Sendable () -> Int64 = RequestClock.wallClock
  ) {
    self.store = store
    self.grace = grace
    self.period = period
    self.wallClock = wallClock
    self.log = log
    erased = metrics.counter("users_erased_total", help: "People whose data was overwritten after the grace.")
    failed = metrics.counter("users_erasure_failures_total", help: "Attempts to erase that failed and are repeated.")
  }

  package func run() async throws {
    await cancelWhenGracefulShutdown {
      while !Task.isCancelled {
        await sweep()
        do { try await Task.sleep(for: period) } catch { return }
      }
    }
  }

  /// Erases all who are due now.
  package func sweep() async {
    do {
      while !Task.isCancelled {
        let now = wallClock()
        let count = try await store.erase(
          deletedUntil: now - Int64(grace / .milliseconds(1)), count: Self.batch, at: now,
          until: .now + Self.longest)
        guard let count, count > 0 else { return }
        erased.increment(by: UInt64(count))
        log.info("erased people whose grace is over", metadata: ["count": "\(count)"])
        if count < Self.batch { return }
      }
    } catch {
      guard !Task.isCancelled else { return }
      failed.increment()
      log.warning("erasing failed; it is tried again", metadata: ["error": "\(error)"])
    }
  }
}
