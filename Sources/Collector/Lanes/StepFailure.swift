import ClickHouse
import Kafka

/// Why a step could not be done, this time.
package enum StepFailure: Error, Sendable {
  case clickHouse(ClickHouseError)
  case kafka(KafkaError)
  /// It must not be done yet, for others may still insert.
  case notYet(milliseconds: Int64)
  /// An earlier INSERT of the range is still under way in ClickHouse, though it was told to end.
  case insertUnderWay
  /// ClickHouse has started, and its rollups are to be recovered first.
  case notRecovered
  /// The range ends inside a block whose messages are no longer here.
  case messagesEncoded
  /// The lane is no longer ours.
  case laneGone

  /// What the report tells of it.
  package var cause: any Error {
    switch self {
    case .clickHouse(let error): error
    case .kafka(let error): error
    case .notYet, .insertUnderWay, .notRecovered, .messagesEncoded, .laneGone: self
    }
  }

  /// The step may have been done all the same, or may yet be.
  var isOutcomeOpen: Bool {
    switch self {
    case .clickHouse, .kafka, .insertUnderWay: true
    case .notYet, .notRecovered, .messagesEncoded, .laneGone: false
    }
  }

  package enum RetryDecision: Sendable, Equatable {
    /// Nothing has failed; not before so long.
    case waitFor(Duration)
    /// Again, after a wait that grows.
    case retry
    case halt(String)
    case takeOver
    case forget
  }

  /// The longest wait before the ledger is asked anew.
  private static let longestWaitMs: Int64 = 5_000

  package var retryDecision: RetryDecision {
    switch self {
    case .clickHouse(let error) where error.disposition == .data: .halt("ClickHouse refuses the rows: \(error)")
    case .clickHouse, .kafka, .insertUnderWay: .retry
    case .notYet(let milliseconds): .waitFor(.milliseconds(min(milliseconds, Self.longestWaitMs)))
    case .notRecovered: .waitFor(.zero)
    case .messagesEncoded: .takeOver
    case .laneGone: .forget
    }
  }
}

extension StepFailure: CustomStringConvertible {
  package var description: String {
    switch self {
    case .clickHouse(let error): "\(error)"
    case .kafka(let error): "\(error)"
    case .notYet(let milliseconds): "others are at it for another \(milliseconds) ms"
    case .insertUnderWay: "an earlier INSERT is still under way, and was told to end"
    case .notRecovered: "ClickHouse has started, and its rollups are not recovered yet"
    case .messagesEncoded: "the range ends inside a block whose messages are no longer here"
    case .laneGone: "the partition is no longer ours"
    }
  }
}
