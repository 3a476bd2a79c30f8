import Blocking
import ClickHouse

/// What is asked before the first message is read. A ClickHouse that is away is waited for.
struct StartUpCheck {
  private let ask: StartUpQuestions

  init(_ connection: ClickHouseConnection, report: CollectorReport, stop: CancellationFlag) {
    ask = StartUpQuestions(connection: connection, report: report, stop: stop)
  }

  /// - Parameter allowsUntried: a server's version that nobody has tried will do.
  /// - Returns: how many parts every deduplication window surely remembers.
  /// - Throws: `CollectorFailure` with one sentence for the operator.
  func run(allowsUntried: Bool) throws(CollectorFailure) -> UInt64 {
    try SchemaCheck(ask).run(allowsUntried: allowsUntried)
  }
}
