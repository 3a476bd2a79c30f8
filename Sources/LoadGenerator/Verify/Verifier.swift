import Blocking
import ClickHouse
import EventSchema
import Kafka

/// Compares what was acknowledged with what ClickHouse holds at exactly those coordinates, until both agree.
package struct Verifier {
  /// What one fate should be and is.
  package struct Difference: Sendable, Hashable {
    package let fate: Fate
    package let expected: DeliveryLedger.Tally
    package let found: DeliveryLedger.Tally
  }

  package struct Outcome: Sendable {
    package var found = [DeliveryLedger.Tally](repeating: .init(), count: Fate.all.count)
    package var differences: [Difference] = []
    /// From the beginning of the verification to its end.
    package var seconds = 0.0
    /// The last thing ClickHouse complained about, when it did to the end.
    package var error: String?
    package var holds: Bool { differences.isEmpty && error == nil }
  }

  private let ledger: DeliveryLedger
  private let connection: ClickHouseConnection

  package init(_ ledger: DeliveryLedger, configuration: ClickHouseConfiguration) {
    self.ledger = ledger
    connection = ClickHouseConnection(configuration)
  }

  /// Asks until nothing differs or the time is over.
  package func run(
    timeoutSeconds: Double, stop: CancellationFlag, progress: (_ found: Int, _ expected: Int) -> Void
  ) -> Outcome {
    let startNs = Monotonic.now
    var outcome = Outcome()
    while true {
      let askedNs = Monotonic.now
      do throws(ClickHouseError) {
        outcome.found = try found()
        outcome.differences = differences(outcome.found)
        outcome.error = nil
      } catch {
        outcome.error = "\(error)"
        if error.disposition == .misconfiguration { break }
      }
      progress(outcome.found.reduce(0) { $0 + $1.count }, ledger.count)
      let nowNs = Monotonic.now
      outcome.seconds = Double(nowNs - startNs) / 1e9
      if outcome.holds || stop.isRaised || outcome.seconds >= timeoutSeconds { break }
      BlockingThread.sleep(.milliseconds(max(250, Int((nowNs - askedNs) / 1_000_000) * 2)))
    }
    return outcome
  }

  private func differences(_ found: [DeliveryLedger.Tally]) -> [Difference] {
    zip(Fate.all, zip(ledger.tallies, found)).filter { $0.1.0 != $0.1.1 }
      .map { Difference(fate: $0.0, expected: $0.1.0, found: $0.1.1) }
  }

  private func found() throws(ClickHouseError) -> [DeliveryLedger.Tally] {
    var tallies = [DeliveryLedger.Tally](repeating: .init(), count: Fate.all.count)
    for condition in conditions {
      // Dead letters first: whatever is invalid is there before the events around it are counted as complete.
      let dead = try connection.rows(
        """
        SELECT toString(reason), count(), \(RowDigest.deadLetterSQL) FROM dead_letters WHERE \(condition)
        GROUP BY reason
        """)
      add(dead, to: &tallies) { Reason(rawValue: $0).map { .deadLetter($0) } }
      let times =
        ledger.firstMs > ledger.lastMs
        ? "" : " AND occurred_at BETWEEN \(Self.time(ledger.firstMs)) AND \(Self.time(ledger.lastMs))"
      let events = try connection.rows(
        """
        SELECT toString(event_type), count(), \(RowDigest.sql) FROM events
        WHERE (\(condition))\(times) GROUP BY event_type
        """)
      add(events, to: &tallies) { EventType(name: $0).map { .event($0) } }
    }
    return tallies
  }

  private func add(_ rows: [TextRow], to tallies: inout [DeliveryLedger.Tally], fate: (String) -> Fate?) {
    for row in rows where row.count == 3 {
      guard let fate = fate(row[0]), let count = Int(row[1]), let checksum = UInt64(row[2]) else { continue }
      tallies[fate.index] += .init(count: count, checksum: checksum)
    }
  }

  /// SQL conditions that together name exactly the ledger's coordinates; several only where runs are very many.
  private var conditions: [String] {
    var terms: [String] = []
    for (partition, runs) in ledger.runs.sorted(by: { $0.key < $1.key }) {
      let place = "topic = '\(partition.topic)' AND kafka_partition = \(partition.partition)"
      for run in runs {
        terms.append("(\(place) AND kafka_offset BETWEEN \(run.lowerBound) AND \(run.upperBound))")
      }
    }
    return stride(from: 0, to: terms.count, by: 200).map { start in
      terms[start..<min(start + 200, terms.count)].joined(separator: " OR ")
    }
  }

  private static func time(_ ms: Int64) -> String { "fromUnixTimestamp64Milli(\(ms), 'UTC')" }
}
