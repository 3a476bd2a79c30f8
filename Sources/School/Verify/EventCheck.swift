import Blocking
import ClickHouse
import LoadGenerator

/// Compares the events that answered calls must have caused with those that ClickHouse holds of the same people and decks, by
/// type and ids, each `event_id` once, until both agree.
package struct EventCheck {
  package struct Outcome: Sendable, Equatable {
    /// Distinct events of those people and decks.
    package var found = 0
    /// Rows of an `event_id` that another row has too: what a relay or a broker told twice.
    package var repeated = 0
    package var differences: [String] = []
    package var seconds = 0.0
    /// The last thing ClickHouse complained about, when it did to the end.
    package var error: String?
    package var holds: Bool { differences.isEmpty && error == nil }
  }

  private static let idsPerQuestion = 1_000

  private let expected: ExpectedEvents
  private let connection: ClickHouseConnection
  private let times: String

  /// - Parameters:
  ///   - sinceMs: a moment before the first of the events, in milliseconds since 1970.
  ///   - storedSinceMs: by ClickHouse's clock; what it had before is not looked at, as generated events of the same ids.
  package init(
    _ expected: ExpectedEvents, _ clickHouse: ClickHouseConfiguration, sinceMs: Int64, storedSinceMs: Int64 = 0
  ) {
    self.expected = expected
    times = """
      occurred_at >= fromUnixTimestamp64Milli(\(sinceMs), 'UTC') \
      AND ingested_at >= fromUnixTimestamp64Milli(\(storedSinceMs), 'UTC')
      """
    connection = ClickHouseConnection(clickHouse)
  }

  /// Asks until nothing differs or the time is over. Blocks.
  package func run(timeoutSeconds: Double, stop: CancellationFlag, progress: (_ found: Int) -> Void) -> Outcome {
    let startNs = Monotonic.now
    var outcome = Outcome()
    while true {
      let askedNs = Monotonic.now
      do throws(ClickHouseError) {
        let (found, rows) = try found()
        outcome.found = found.values.reduce(0, +)
        outcome.repeated = rows - outcome.found
        outcome.differences = expected.differences(from: found)
        outcome.error = nil
      } catch {
        outcome.error = "\(error)"
        if error.disposition == .misconfiguration { return outcome }
      }
      progress(outcome.found)
      let nowNs = Monotonic.now
      outcome.seconds = Double(nowNs - startNs) / 1e9
      if outcome.holds || stop.isRaised || outcome.seconds >= timeoutSeconds { return outcome }
      BlockingThread.sleep(.milliseconds(max(250, Int((nowNs - askedNs) / 1_000_000) * 2)))
    }
  }

  private func found() throws(ClickHouseError) -> (events: [EventKey: Int], rows: Int) {
    var found: [EventKey: Int] = [:]
    var rows = 0
    for condition in conditions { try read(condition, into: &found, &rows) }
    return (found, rows)
  }

  /// Those of the people and decks that are there, by `event_id`, in no order.
  package func eventIDs() throws(ClickHouseError) -> [String] {
    var ids: Set<String> = []
    for condition in conditions {
      let rows = try connection.rows("SELECT toString(event_id) FROM events WHERE (\(condition)) AND \(times)")
      ids.formUnion(rows.map { $0[0] })
    }
    return Array(ids)
  }

  /// Which rows are of the people and decks, some in each.
  private var conditions: [String] {
    Self.lists(expected.people).map { "user_id IN (\($0)) OR author_id IN (\($0))" }
      + Self.lists(expected.decks).map {
        "event_type IN ('card_created', 'card_updated', 'card_deleted') AND deck_id IN (\($0))"
      }
  }

  private func read(
    _ condition: String, into found: inout [EventKey: Int], _ count: inout Int
  ) throws(ClickHouseError) {
    let rows = try connection.rows(
      """
      SELECT toString(event_type), if(user_id = 0, author_id, user_id), session_id, deck_id, card_id, result_id,
        uniqExact(event_id), count()
      FROM events WHERE (\(condition)) AND \(times)
      GROUP BY ALL
      """)
    for row in rows where row.count == 8 {
      let numbers = (1...7).compactMap { Int64(row[$0]) }
      guard numbers.count == 7 else { continue }
      let key = EventKey(
        row[0], person: numbers[0], session: numbers[1], deck: numbers[2], card: numbers[3], result: numbers[4])
      found[key, default: 0] += Int(numbers[5])
      count += Int(numbers[6])
    }
  }

  private static func lists(_ ids: Set<Int64>) -> [String] {
    let sorted = ids.sorted()
    return stride(from: 0, to: sorted.count, by: idsPerQuestion).map { start in
      sorted[start..<min(start + idsPerQuestion, sorted.count)].map(String.init).joined(separator: ",")
    }
  }
}
