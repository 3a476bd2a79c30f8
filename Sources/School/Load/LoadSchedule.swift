import LoadGenerator

/// An open loop: which learner makes which of the requests that are due at a steady rate. Pure: it has no clock and no threads.
///
/// Request k is intended k/rate after the start, whatever became of those before it; its latency counts from then. A learner
/// makes one request after another; who is asked to wait rests. With no learner free, a request is late, and that counts too. Which
/// of the free ones is next is drawn, since in turns all of them would do the same thing at the same time.
package struct LoadSchedule: Sendable {
  package enum Turn: Sendable, Equatable {
    /// This learner makes the request that is intended at that moment, which may be past or to come.
    case play(learner: Int, intendedNs: Int64)
    /// No learner is free: look again when one comes back, or at that moment.
    case wait(untilNs: Int64?)
    case over
  }

  private let startNs: Int64
  private let intervalNs: Double
  private let requests: Int
  /// Requests given out so far.
  package private(set) var given = 0
  private var free: [Int]
  private var random: SeededGenerator
  private var resting: [(untilNs: Int64, learner: Int)] = []

  /// - Parameters:
  ///   - rate: requests a second.
  ///   - requests: how many in all.
  ///   - learners: they are numbered from 0.
  ///   - seed: decides who is next.
  package init(rate: Double, requests: Int, learners: Int, startNs: Int64, seed: UInt64) {
    precondition(rate > 0 && requests > 0 && learners > 0, "a load of something by somebody")
    self.startNs = startNs
    self.requests = requests
    intervalNs = 1e9 / rate
    free = Array(0..<learners)
    random = SeededGenerator(seed: seed)
  }

  /// The next request and who makes it.
  package mutating func next(nowNs: Int64) -> Turn {
    guard given < requests else { return .over }
    resting.removeAll { rest in
      guard rest.untilNs <= nowNs else { return false }
      free.append(rest.learner)
      return true
    }
    guard !free.isEmpty else { return .wait(untilNs: resting.map(\.untilNs).min()) }
    free.swapAt(random.below(free.count), free.count - 1)
    let learner = free.removeLast()
    defer { given += 1 }
    return .play(learner: learner, intendedNs: startNs + Int64(Double(given) * intervalNs))
  }

  /// A learner has heard of his request.
  /// - Parameter untilNs: he makes no other before that moment.
  package mutating func back(_ learner: Int, restingUntilNs untilNs: Int64? = nil) {
    if let untilNs { resting.append((untilNs, learner)) } else { free.append(learner) }
  }

  /// No more requests are given out.
  package mutating func stop() { given = max(given, requests) }
}
