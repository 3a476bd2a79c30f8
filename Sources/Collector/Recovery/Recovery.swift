import ClickHouse

// A token is worth what ClickHouse remembers, and one that was killed may remember an INSERT whose part it did not come to put
// in place (docs/delivery.md, When ClickHouse was started). So no token is used beyond the run of the server in which it was first
// sent, and the rules are:
//
//  1. The table `recoveries` is kept in the server's memory: empty when it has started. Until a row names the run (its
//     *incarnation*), no INSERT of a range is taken; each names the run in which its lease was written, and is refused in any
//     other. So what an earlier run was sent never comes late.
//  2. One collector recovers: it writes a claim, of which the last alone counts, and ends what is under way. From then on each of
//     its statements is refused unless its claim still counts. A recoverer that sleeps is overtaken, and wakes to refusals.
//  3. It makes each rollup equal to `events`, on the days of every partition's last range: all others are known to be in.
//     Nothing else writes meanwhile, so the difference is exact, whatever an INSERT left: a table without its views, views
//     without their table, a token without its part.
//  4. It names the run. A range that was claimed in an earlier one is then *reconciled* (`RangeMachine`, rule 7): what `events` has
//     of it is behind the views already, so only rows that are in neither table go in, under a token of this run.

/// Recovers the rollups once in each run of ClickHouse, whichever collector comes first.
///
/// Confined to one thread, as its store is.
package final class Recovery {
  private let store: any RecoveryStore
  private let report: any WorkerReport
  /// Ours, in claims.
  private let name: String

  /// How long another's recovery is waited for before it is looked at again.
  private static let pauseMs: Int64 = 200

  /// - Parameter name: a UUID of its own.
  package init(
    _ store: any RecoveryStore, report: any WorkerReport, name: String = ClickHouseUUID.random().description
  ) {
    self.store = store
    self.report = report
    self.name = name
  }

  /// Recovers, unless it has been done. Harmless to repeat.
  /// - Returns: the name of this run of the server.
  /// - Throws: `notYet` while another recovers, `insertUnderWay` while what was told to end has not.
  @discardableResult
  package func run() throws(StepFailure) -> Incarnation {
    let (last, isLive): (RecoveryClaim?, Bool)
    switch try store.state() {
    case .done(let incarnation): return incarnation
    case .open(let claim, let live): (last, isLive) = (claim, live)
    }
    if isLive, last?.recoverer != name { throw .notYet(milliseconds: Self.pauseMs) }
    let claim = RecoveryClaim(number: (last?.number ?? 0) + 1, recoverer: name)
    try store.claim(claim)
    if try store.endStatements() > 0 { throw .insertUnderWay }
    // Whoever had the claim before may have come to the end just now.
    guard case .open(let current, _) = try store.state(), current == claim else { throw .notYet(milliseconds: 0) }
    guard let days = try store.repairRollups(claim) else { throw .notYet(milliseconds: Self.pauseMs) }
    try store.finish(claim, as: .random())
    guard case .done(let incarnation) = try store.state() else { throw .notYet(milliseconds: Self.pauseMs) }
    report.recovered(days: days)
    return incarnation
  }
}
