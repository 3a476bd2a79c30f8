import Blocking
import ClickHouse

/// What is asked and proved before the first message is read. A ClickHouse that is away is waited for.
struct StartUpCheck {
  private let ask: StartUpQuestions

  init(_ connection: ClickHouseConnection, report: CollectorReport, stop: CancellationFlag) {
    ask = StartUpQuestions(connection: connection, report: report, stop: stop)
  }

  /// - Parameter allowsUntried: a server's version that nobody has tried will do; the proof decides.
  /// - Returns: how many parts every deduplication window surely remembers.
  /// - Throws: `CollectorFailure` with one sentence for the operator.
  func run(allowsUntried: Bool) throws(CollectorFailure) -> UInt64 {
    let window = try SchemaCheck(ask).run(allowsUntried: allowsUntried)
    // What was disturbed, be it by a restart, begins anew, with rows of its own.
    let recovery = Recovery(ClickHouseRecoveryStore(ask.connection), report: ask.report)
    let broken = try ask.patiently { () throws(StepFailure) in
      let incarnation = try recovery.run()
      do throws(ClickHouseError) {
        return try DeliveryProof(ask.connection, in: incarnation).firstBroken()
      } catch { throw RangeInsert.isRefused(error) ? .notRecovered : .clickHouse(error) }
    }
    if let broken {
      let version = try ask.rows("SELECT version()").first?[0] ?? ""
      throw CollectorFailure(
        description: "ClickHouse \(version) does not keep what delivery rests on: \(broken). Use a version that does.")
    }
    return window
  }
}
