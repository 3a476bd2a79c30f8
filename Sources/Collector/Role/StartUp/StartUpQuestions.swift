import Blocking
import ClickHouse

/// ClickHouse as it is asked before the first message is read: a server that is away is waited for, one that refuses ends
/// the start.
struct StartUpQuestions {
  let connection: ClickHouseConnection
  let report: CollectorReport
  let stop: CancellationFlag
  /// Short, for the stop flag is looked at in between.
  private static let retry = RetryPolicy(first: .milliseconds(100), longest: .seconds(1))

  /// Runs `body` until it succeeds, or fails in a way that waiting does not mend.
  func patiently<Value>(_ body: () throws(StepFailure) -> Value) throws(CollectorFailure) -> Value {
    var failures = 0
    while true {
      do {
        return try body()
      } catch {
        if stop.isRaised { throw CollectorFailure(description: "\(error)") }
        switch error {
        case .clickHouse(let error):
          if error.disposition == .misconfiguration || error.disposition == .data {
            throw CollectorFailure(description: "\(error)")
          }
          report.failed(nil, error)
        // It takes another try, and nothing is wrong.
        default: break
        }
        failures += 1
        BlockingThread.sleep(Self.retry.delay(afterFailures: failures))
      }
    }
  }

  /// The answer's rows and cells.
  /// - Parameter sql: without a format.
  func rows(_ sql: String) throws(CollectorFailure) -> [TextRow] {
    try patiently { () throws(StepFailure) in
      do throws(ClickHouseError) { return try connection.rows(sql) } catch { throw .clickHouse(error) }
    }
  }
}
