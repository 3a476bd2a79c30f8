import Blocking
import ClickHouse
import EventSchema
import Foundation

/// Asks ClickHouse, before the first message is read, whether the tables are those that this version writes.
struct SchemaCheck {
  private let connection: ClickHouseConnection
  private let report: CollectorReport

  init(_ connection: ClickHouseConnection, report: CollectorReport) {
    self.connection = connection
    self.report = report
  }

  /// - Returns: how many parts every deduplication window surely remembers.
  /// - Throws: `CollectorFailure` for a wrong password, a missing table or column, a window that is off. A ClickHouse
  ///   that is away is waited for.
  func run(stop: CancellationFlag) throws(CollectorFailure) -> UInt64 {
    try checkColumns(stop: stop)
    return try smallestWindow(stop: stop)
  }

  private func checkColumns(stop: CancellationFlag) throws(CollectorFailure) {
    let rows = try ask(
      "SELECT table, name, type FROM system.columns WHERE database = currentDatabase() AND table IN ('events', 'dead_letters', 'ranges') FORMAT TabSeparatedRaw",
      stop: stop)
    var found: [String: [String: String]] = [:]
    for row in rows where row.count == 3 { found[row[0], default: [:]][row[1]] = row[2] }
    for table in ["events", "dead_letters", "ranges"] where found[table] == nil {
      throw CollectorFailure(description: "ClickHouse has no table \(table): run `kartoteka migrate up` first.")
    }
    for column in BlockTable.events.columns {
      guard let type = found["events"]?[column.name] else {
        throw CollectorFailure(
          description: "events has no column \(column.name): run `kartoteka migrate up` with this version first.")
      }
      guard type.replacing(" ", with: "") == column.type.replacing(" ", with: "") else {
        throw CollectorFailure(
          description: "events.\(column.name) is \(type), but this version writes \(column.type): migrate, or update.")
      }
    }
  }

  /// The smallest `non_replicated_deduplication_window` of the tables an INSERT reaches.
  private func smallestWindow(stop: CancellationFlag) throws(CollectorFailure) -> UInt64 {
    let rows = try ask(
      #"""
      SELECT name, engine,
        toUInt64OrZero(extract(engine_full, 'non_replicated_deduplication_window = (\\d+)')),
        toUInt64OrZero(extract(engine_full, '[^_]replicated_deduplication_window = (\\d+)'))
      FROM system.tables
      WHERE database = currentDatabase() AND (name IN ('events', 'dead_letters') OR name IN (
        SELECT extract(create_table_query, ' TO `?[^ `.]+`?\\.`?([^ `(]+)') FROM system.tables
        WHERE database = currentDatabase() AND engine = 'MaterializedView'))
      FORMAT TabSeparatedRaw
      """#, stop: stop)
    var smallest = UInt64.max
    for row in rows where row.count == 4 {
      // Replicated tables have a window of their own, 1000 unless set.
      let window =
        row[1].hasPrefix("Replicated") ? UInt64(row[3]).flatMap { $0 == 0 ? 1000 : $0 } ?? 1000 : UInt64(row[2]) ?? 0
      if window == 0 {
        throw CollectorFailure(
          description: """
            Table \(row[0]) does not deduplicate (non_replicated_deduplication_window is 0): a repeated range would \
            double its rows. Run `kartoteka migrate up`.
            """)
      }
      smallest = min(smallest, window)
    }
    // Half, for parts that other partitions write between the count and our INSERT.
    return smallest / 2
  }

  private func ask(_ sql: String, stop: CancellationFlag) throws(CollectorFailure) -> [[String]] {
    while true {
      do {
        let bytes = try connection.execute(sql)
        return String(decoding: bytes, as: UTF8.self).split(separator: "\n")
          .map { $0.split(separator: "\t", omittingEmptySubsequences: false).map(String.init) }
      } catch {
        if error.disposition == .misconfiguration || error.disposition == .data || stop.isRaised {
          throw CollectorFailure(description: "\(error)")
        }
        report.failed(nil, error)
        Thread.sleep(forTimeInterval: 0.5)
      }
    }
  }
}
