/// What a recovery needs of ClickHouse. Confined to one thread.
package protocol RecoveryStore: AnyObject {
  /// Where the recovery of this run of the server stands.
  func state() throws(StepFailure) -> RecoveryState
  /// Writes down that we recover from now on: a claim with that number, which counts if no other has a larger one, or the same
  /// number and a larger name.
  func claim(_ claim: RecoveryClaim) throws(StepFailure)
  /// Tells all that collectors have under way in this database to end: INSERTs of ranges, and other recoveries.
  /// - Returns: how many statements there were.
  func endStatements() throws(StepFailure) -> Int
  /// Makes the rollups equal to `events` on the days of every range that may be half in, as long as the claim counts.
  /// - Returns: on how many days rollups differed, each counted by itself; nil when the claim does not count any more.
  func repairRollups(_ claim: RecoveryClaim) throws(StepFailure) -> Int?
  /// Names the run, if the claim still counts and it has no name.
  func finish(_ claim: RecoveryClaim, as incarnation: Incarnation) throws(StepFailure)
}

/// Somebody recovers.
package struct RecoveryClaim: Sendable, Equatable {
  package let number: UInt64
  /// A UUID.
  package let recoverer: String

  package init(number: UInt64, recoverer: String) {
    self.number = number
    self.recoverer = recoverer
  }
}

package enum RecoveryState: Sendable, Equatable {
  /// This run of the server has a name.
  case done(Incarnation)
  /// - Parameters:
  ///   - claim: the one that counts; nil without any.
  ///   - isLive: it is young, or a statement of a recovery is under way.
  case open(claim: RecoveryClaim?, isLive: Bool)
}
