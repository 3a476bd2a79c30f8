import Blocking
import Foundation
import LoadGenerator
import PlatformClient

/// The open loop itself: a schedule played by threads that each have a connection.
///
/// A thread takes the next request with its learner, waits until the request is due, and makes the call. While some wait for
/// slow answers the others go on, so the rate holds until all of them wait; then requests are late, and their latencies say so.
final class LoadPlay: Sendable {
  private struct State {
    /// Nil while he makes a call.
    var learners: [LoadLearner?]
    var schedule: LoadSchedule
    var tally = CallTally()
  }

  private enum Part {
    case play(LoadLearner, number: Int, intendedNs: Int64)
    case over
  }

  private static let stopCheckNs: Int64 = 50_000_000

  private let state: Monitor<State>
  private let requests: Int

  init(_ learners: [LoadLearner], rate: Double, requests: Int, seed: UInt64) {
    self.requests = requests
    state = Monitor(
      State(
        learners: learners,
        schedule: LoadSchedule(
          rate: rate, requests: requests, learners: learners.count, startNs: Monotonic.now,
          seed: seed)))
  }

  /// All of them, once it has run.
  var learners: [LoadLearner] { state.withLock { $0.learners.compactMap(\.self) } }
  var tally: CallTally { state.withLock { $0.tally } }

  func run(
    connections: Int, stop: CancellationFlag, _ makeConnection: @escaping @Sendable () -> PlatformConnection,
    progress: (String) -> Void
  ) {
    let threads = (0..<connections).map { index in
      BlockingThread("load-\(index)") { [self] in serve(makeConnection(), stop) }
    }
    for thread in threads {
      while !thread.join(within: .milliseconds(250)) {
        let (given, answered, refused) = state.withLock { ($0.schedule.given, $0.tally.answered, $0.tally.refused) }
        progress(
          "called \(given.grouped) of \(requests.grouped), answered \(answered.grouped)"
            + (refused > 0 ? ", not \(refused.grouped)" : ""))
      }
    }
  }

  private func serve(_ connection: PlatformConnection, _ stop: CancellationFlag) {
    while case .play(var learner, let number, let intendedNs) = next(stop) {
      while Monotonic.now < intendedNs, !stop.isRaised {
        BlockingThread.sleep(.nanoseconds(min(intendedNs - Monotonic.now, Self.stopCheckNs)))
      }
      if stop.isRaised {
        put(back: learner, number, restingUntilNs: nil)
        continue
      }
      let begunNs = Monotonic.now
      // A call that finds its tokens stale becomes a refresh, and is counted as that.
      let operation = learner.call(atSeconds: Int64(Date().timeIntervalSince1970)).step.operation
      let (reception, error) = learner.makeCall(over: connection)
      let endedNs = Monotonic.now
      let rest = reception.restSeconds
      state.withLock {
        $0.tally.add(
          operation, error: error, intendedNs: intendedNs, begunNs: begunNs, endedNs: endedNs)
      }
      put(back: learner, number, restingUntilNs: rest > 0 ? endedNs + Int64(rest * 1e9) : nil)
    }
  }

  private func put(back learner: LoadLearner, _ number: Int, restingUntilNs: Int64?) {
    state.withLock {
      $0.learners[number] = learner
      $0.schedule.back(number, restingUntilNs: restingUntilNs)
    }
    state.notify()
  }

  private func next(_ stop: CancellationFlag) -> Part {
    state.wait { state in
      if stop.isRaised { state.schedule.stop() }
      switch state.schedule.next(nowNs: Monotonic.now) {
      case .play(let number, let intendedNs):
        guard let learner = state.learners[number] else { preconditionFailure("a learner plays one part at a time") }
        state.learners[number] = nil
        return .done(.play(learner, number: number, intendedNs: intendedNs))
      case .wait(let untilNs):
        let wait = min((untilNs ?? .max) - Monotonic.now, Self.stopCheckNs)
        return .until(.now + .nanoseconds(max(wait, 0)))
      case .over: return .done(.over)
      }
    }
  }
}
