import Blocking
import ServiceContract
import Synchronization

/// The keys that auth publishes, fetched by a thread of its own: at start, every few minutes, and when a token names one that
/// is not known, but not more often than every ``ForcedFetch/interval``.
package final class PublishedKeys: Sendable {
  /// What a request for keys comes to.
  enum Answer: Sendable {
    case verifier(TokenVerifier)
    /// Auth does not answer: whether there is a key of that name cannot be told.
    case unavailable
  }

  private struct State {
    var verifier: TokenVerifier?
    var forced = ForcedFetch()
    var isFetchDue = true
    var hasFailed = false
    var nextFetch = ContinuousClock.now
    var waiting: [@Sendable (Answer) -> Void] = []

    var answer: Answer {
      guard let verifier, !hasFailed else { return .unavailable }
      return .verifier(verifier)
    }
  }

  /// Retired keys are forgotten, and new ones known, within that.
  private static let regularly = Duration.seconds(300)
  private static let afterFailure = Duration.seconds(1)
  private static let mostWaiting = 4096

  private let state = Monitor(State())
  private let cancellation = CancellationFlag()

  /// - Parameter fetch: blocks, a few seconds at most; nil if there is no usable answer.
  package init(fetch: @escaping @Sendable (CancellationFlag) -> JSONWebKeySet?) {
    let (state, cancellation) = (state, cancellation)
    _ = BlockingThread("token-keys") {
      while Self.waitForWork(state, cancellation) {
        let keys = fetch(cancellation)
        Self.took(keys, state)
      }
    }
  }

  deinit { close() }

  package func close() {
    cancellation.raise()
    state.notify()
  }

  package var hasBegun: Bool { verifier != nil }

  var verifier: TokenVerifier? { state.withLock { $0.verifier } }

  /// Calls `done` after the next fetch, if one is allowed now; else at once, with what is known.
  func refresh(_ done: @escaping @Sendable (Answer) -> Void) {
    let answer: Answer? = state.withLock { state in
      let isAllowed = state.isFetchDue || state.verifier == nil || state.forced.take(.now)
      guard isAllowed, state.waiting.count < Self.mostWaiting else {
        return state.answer
      }
      state.isFetchDue = true
      state.waiting.append(done)
      return nil
    }
    if let answer { done(answer) } else { state.notify() }
  }

  /// False once it is closed.
  private static func waitForWork(_ state: Monitor<State>, _ cancellation: CancellationFlag) -> Bool {
    state.wait { state in
      if cancellation.isRaised { return .done(false) }
      // Without keys, and after a failure, not at every request.
      let mayFetch = state.isFetchDue && (state.verifier != nil || .now >= state.nextFetch)
      return mayFetch || .now >= state.nextFetch ? .done(true) : .until(state.nextFetch)
    }
  }

  private static func took(_ keys: JSONWebKeySet?, _ state: Monitor<State>) {
    let (waiting, answer) = state.withLock { state in
      if let keys { state.verifier = TokenVerifier(keys: keys) }
      state.isFetchDue = false
      state.hasFailed = keys == nil
      state.nextFetch = .now + (keys == nil ? afterFailure : regularly)
      let waiting = state.waiting
      state.waiting = []
      return (waiting, state.answer)
    }
    for done in waiting { done(answer) }
  }
}

/// When a key that is not known is reason enough to ask for the keys again: anyone can make up a `kid`.
package struct ForcedFetch {
  package static let interval = Duration.seconds(30)
  private var last: ContinuousClock.Instant?

  package init() {}

  package mutating func take(_ now: ContinuousClock.Instant) -> Bool {
    if let last, now - last < Self.interval { return false }
    last = now
    return true
  }
}
