import Blocking
import Redis
import ServiceContract
import Synchronization

/// The ``RevocationKnowledge`` of this process, kept up with Redis: messages by a subscription; everything else, which is all
/// revocations once after each gap and the marker twice a second, by a thread that reads.
package final class Revocations: Sendable {
  private struct State {
    var knowledge = RevocationKnowledge()
    /// Counts beginnings and ends of subscriptions: what was read in one holds in no other.
    var generation = 0
    var isSubscribed = false
    var isReadingDue = false
  }

  private let state = Monitor(State())
  private let cancellation = CancellationFlag()
  private let subscription: Mutex<RedisSubscription?> = Mutex(nil)
  private let hasEverKnown = Atomic(false)

  /// Begins at once.
  package init(_ configuration: RedisConfiguration) {
    var configuration = configuration
    // An answer that is later than that is of no use.
    configuration.commandTimeout = .seconds(1)
    configuration.connectTimeout = .seconds(1)
    let feed = RedisSubscription(configuration, channels: [RevocationKeys.channel]) { [weak self] in self?.heard($0) }
    subscription.withLock { $0 = feed }
    let (state, cancellation, settled) = (state, cancellation, configuration)
    _ = BlockingThread("revocations") { [weak self] in
      let reader = RevocationReader(settled)
      while !cancellation.isRaised {
        Self.waitForWork(state)
        guard let self, !cancellation.isRaised else { return }
        self.read(reader)
      }
    }
  }

  deinit { close() }

  /// Ends within a second.
  package func close() {
    cancellation.raise()
    subscription.withLock { $0.take() }?.close()
    state.notify()
  }

  /// True once all has been known.
  package var hasBegun: Bool { hasEverKnown.load(ordering: .relaxed) }

  var count: Int { state.withLock { $0.knowledge.count } }

  /// Nil while it is not complete.
  var ageMs: Int64? { state.withLock { $0.knowledge.ageMs(Self.now()) } }

  func verdict(_ claims: TokenClaims) -> RevocationKnowledge.Verdict {
    state.withLock { $0.knowledge.verdict(claims, Self.now()) }
  }

  private static func now() -> Int64 { SystemClocks.monotonicNs() / 1_000_000 }

  // MARK: The subscription's thread

  private func heard(_ event: RedisFeedEvent) {
    let needsReading = state.withLock { state in
      switch event {
      case .subscribed, .lost:
        state.knowledge.gapBegan()
        state.generation += 1
        state.isSubscribed = event == .subscribed
        state.isReadingDue = state.isSubscribed
        return state.isSubscribed
      case .alive:
        state.knowledge.aliveHeard(Self.now())
      case .message(_, let payload):
        // What is no revocation revokes nothing.
        if let text = String(validating: payload, as: UTF8.self), let revocation = Revocation(message: text) {
          state.knowledge.add(revocation, nowSeconds: SystemClocks.wallMs() / 1000)
        }
      }
      return false
    }
    if needsReading { state.notify() }
  }

  // MARK: The reading thread

  /// Until a reading is due, or the marker is.
  private static func waitForWork(_ state: Monitor<State>) {
    let next = ContinuousClock.now + .milliseconds(500)
    state.wait { state in
      if state.isReadingDue || .now >= next {
        state.isReadingDue = false
        return Waiting.done(())
      }
      return .until(next)
    }
  }

  private func read(_ reader: RevocationReader) {
    let (generation, needsAll) = state.withLock { state in
      state.knowledge.prune(nowSeconds: SystemClocks.wallMs() / 1000)
      return (state.generation, state.isSubscribed && state.knowledge.ageMs(0) == nil)
    }
    // Asked for before it is answered: the answer tells of no later time.
    let asked = Self.now()
    guard let marker = reader.marker(wallMs: SystemClocks.wallMs()) else { return }
    state.withLock { $0.knowledge.markerRead(marker, asked) }
    if needsAll { readAll(reader, generation, marker) }
  }

  private func readAll(_ reader: RevocationReader, _ generation: Int, _ marker: Int64) {
    let asked = Self.now()
    // Emptied while it was being read, Redis has another marker afterwards.
    guard let all = reader.all(), reader.marker(wallMs: SystemClocks.wallMs()) == marker else {
      BlockingThread.sleep(.milliseconds(50))
      return state.withLock { $0.isReadingDue = $0.isSubscribed }
    }
    state.withLock { state in
      for revocation in all { state.knowledge.add(revocation, nowSeconds: SystemClocks.wallMs() / 1000) }
      guard state.generation == generation else { return }
      state.knowledge.readCompletely(asked)
      hasEverKnown.store(true, ordering: .relaxed)
    }
  }
}
