import Logging
import ObjectStore
import ServiceLifecycle
import Telemetry

/// Deletes images that no card has any more, and has the store expire uploads that no card ever took.
///
/// What there is to do stands in the database, so nothing is forgotten when a process dies or the store is away.
struct ImageSweeper: Service {
  private static let pause = Duration.seconds(2)
  private static let longestPause = Duration.seconds(30)
  private static let batch = 500
  /// For each question; well within the lease of what was taken.
  private static let patience = Duration.seconds(20)
  private static let uploadDays = 1

  let sweeps: ImageSweepStore
  let store: ObjectStore
  let deleted: Counter
  let log: Logger

  /// Sweeps until the process is asked to stop.
  func run() async throws {
    await cancelWhenGracefulShutdown {
      var isPrepared = false
      var failures = 0
      while !Task.isCancelled {
        do {
          if !isPrepared { try await prepare() }
          isPrepared = true
          let count = try await sweep()
          failures = 0
          if count == Self.batch { continue }
        } catch {
          failures += 1
          if failures == 1 { log.warning("images are not swept for now", metadata: ["error": "\(error)"]) }
        }
        let pause = min(Self.longestPause, Self.pause * Double(1 << min(failures, 5)))
        try? await Task.sleep(for: pause)
      }
    }
  }

  /// Makes the bucket, and has it expire uploads after a day; other rules for prefixes stay.
  func prepare() async throws {
    let deadline = ContinuousClock.now + Self.patience
    try await store.createIfMissing(deadline: deadline)
    let wanted = ObjectExpiry(prefix: TemporaryImage.prefix, days: Self.uploadDays)
    let rules = try await store.expiry(deadline: deadline)
    guard !rules.contains(wanted) else { return }
    try await store.setExpiry(rules.filter { $0.prefix != wanted.prefix } + [wanted], deadline: deadline)
  }

  /// Sweeps what is due, a batch at most.
  /// - Returns: how many rows were looked at.
  @discardableResult
  func sweep() async throws -> Int {
    var deadline: ContinuousClock.Instant { .now + Self.patience }
    let keys = try await sweeps.take(Self.batch, until: deadline)
    guard !keys.isEmpty else { return 0 }
    let unreferred = try await sweeps.unreferred(keys, until: deadline)
    let refused: [ObjectRefusal]
    do throws(ObjectStoreError) {
      refused = try await store.delete(unreferred, deadline: deadline)
    } catch {
      // What the store has never seen may be tried again soon; else a deletion may still be on its way there.
      switch error {
      case .connection, .overloaded: try await sweeps.giveBack(keys, forSeconds: 5, until: deadline)
      default: break
      }
      throw error
    }
    let left = Set(refused.map(\.key))
    if !left.isEmpty {
      log.warning(
        "the store refuses to delete images", metadata: ["count": "\(left.count)", "code": "\(refused[0].code)"])
      try await sweeps.giveBack(Array(left), forSeconds: 600, until: deadline)
    }
    try await sweeps.forget(keys.filter { !left.contains($0) }, until: deadline)
    deleted.increment(by: UInt64(unreferred.count - left.count))
    return keys.count
  }
}
