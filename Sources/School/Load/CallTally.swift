import LoadGenerator
import PlatformClient

/// What became of the calls of a load, by operation.
struct CallTally: Sendable {
  struct Operation: Sendable {
    var answered = 0
    var errors: [String: Int] = [:]
    var latency = LatencyHistogram()
  }

  private(set) var operations: [PlatformOperation: Operation] = [:]
  private(set) var latency = LatencyHistogram()
  /// From the intended time to the call's beginning: how far behind the load itself was.
  private(set) var lateness = LatencyHistogram()

  /// - Parameters:
  ///   - error: nil when it was answered.
  ///   - intendedNs: when it was to begin, and `begunNs` when it did.
  mutating func add(
    _ operation: PlatformOperation, error: PlatformError?, intendedNs: Int64, begunNs: Int64,
    endedNs: Int64
  ) {
    lateness.record(nanoseconds: begunNs - intendedNs)
    latency.record(nanoseconds: endedNs - intendedNs)
    operations[operation, default: Operation()].latency.record(nanoseconds: endedNs - intendedNs)
    if let error {
      operations[operation]?.errors[error.name, default: 0] += 1
    } else {
      operations[operation]?.answered += 1
    }
  }

  var answered: Int { operations.values.reduce(0) { $0 + $1.answered } }
  var refused: Int { operations.values.reduce(0) { $0 + $1.errors.values.reduce(0, +) } }
}
