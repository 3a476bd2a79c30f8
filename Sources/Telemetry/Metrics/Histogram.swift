import Synchronization

/// Observations sorted into buckets, in the unit the metric's name ends in (`_seconds`, `_rows`, `_bytes`).
package final class Histogram: Sendable {
  /// From half a millisecond to half a minute.
  package static let latencySeconds: [Double] = [
    0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30,
  ]

  /// `count` bounds, each `factor` times the one before.
  package static func exponential(from first: Double, factor: Double, count: Int) -> [Double] {
    (0..<count).reduce(into: []) { bounds, _ in bounds.append((bounds.last.map { $0 * factor }) ?? first) }
  }

  struct State {
    var counts: [UInt64]
    var sum: Double = 0
  }

  let bounds: [Double]
  private let state: Mutex<State>

  /// - Parameter bounds: ascending upper bounds; a last, unbounded bucket is added.
  init(bounds: [Double]) {
    precondition(zip(bounds, bounds.dropFirst()).allSatisfy(<), "bucket bounds must ascend")
    self.bounds = bounds
    self.state = Mutex(State(counts: Array(repeating: 0, count: bounds.count + 1)))
  }

  package func observe(_ value: Double) {
    let bucket = bounds.firstIndex { value <= $0 } ?? bounds.count
    state.withLock {
      $0.counts[bucket] += 1
      $0.sum += value
    }
  }

  package func observe(_ duration: Duration) {
    observe(duration / .seconds(1))
  }

  var snapshot: State { state.withLock { $0 } }

  /// Observations made and their sum.
  package var totals: (count: UInt64, sum: Double) {
    let now = snapshot
    return (now.counts.reduce(0, +), now.sum)
  }
}
