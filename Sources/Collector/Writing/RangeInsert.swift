import ClickHouse

/// The INSERT that carries a range into one table: its text and its settings.
///
/// `INSERT … SELECT … FROM input(…) WHERE … ORDER BY ALL`. The order makes the SELECT one whose rows ClickHouse takes to be
/// the same whenever it is repeated, and one that passes nothing on before it has read all of the body. So the token
/// stands for the range, wherever its blocks were cut and whoever cut them: on 25.x any shape would do, but 26.x doubles a
/// plain INSERT whose blocks have other borders, and 26.1 any SELECT without this order (docs/performance.md has the price).
package struct RangeInsert: Sendable {
  package typealias Column = (name: String, type: String)

  /// ClickHouse's settings that have a name of their own here because others depend on them.
  private static let blockRows = "\(CollectorLimits.insertBlockRows)"

  let table: String
  /// Name and type of each column of the blocks sent, in any order.
  let columns: [Column]
  /// The column that says when ClickHouse took a row.
  let stampColumn: String

  private let names: String
  private let structure: String

  package init(table: String, columns: [Column], stampColumn: String) {
    self.table = table
    self.columns = columns
    self.stampColumn = stampColumn
    // The offset first: rows differ in it, so no other column is compared.
    let ordered = columns.filter { $0.name == "kafka_offset" } + columns.filter { $0.name != "kafka_offset" }
    names = ordered.map(\.name).joined(separator: ", ")
    structure = SQLText.literal(columns.map { "\($0.name) \($0.type)" }.joined(separator: ", "))
  }

  /// Inserts the blocks' rows that meet every condition.
  /// - Parameters:
  ///   - stampMs: what the rows are stamped with, milliseconds since 1970; nil for the time of their arrival.
  ///   - conditions: of SQL; none for all rows.
  package func text(_ lease: Lease, stampMs: Int64? = nil, where conditions: [String] = []) -> String {
    let (column, value) = stampMs.map { (", \(stampColumn)", ", \(Self.time($0))") } ?? ("", "")
    return """
      INSERT INTO \(table) (\(names)\(column)) SELECT \(names)\(value) FROM input(\(structure))
      WHERE \(([Self.condition(lease)] + conditions).joined(separator: "\nAND ")) ORDER BY ALL FORMAT Native
      """
  }

  /// Sends rows again, as the table has them, for the views' sake: under the token they came with, the table drops them.
  package func resending(_ lease: Lease, where condition: String) -> String {
    """
    INSERT INTO \(table) (\(names), \(stampColumn)) SELECT \(names), \(stampColumn) FROM \(table)
    WHERE \(Self.condition(lease)) AND \(condition) ORDER BY ALL
    """
  }

  /// A time as ClickHouse's `DateTime64(3)`.
  static func time(_ milliseconds: Int64) -> String { "fromUnixTimestamp64Milli(toInt64(\(milliseconds)))" }

  /// ClickHouse raises an error when the query begins after the lease's end, by its own clock, or in another of its runs.
  private static func condition(_ lease: Lease) -> String {
    """
    throwIf(now64(3) > \(time(lease.untilMs)), 'the lease of this range is over') = 0
    AND throwIf((SELECT max(incarnation) FROM recoveries) != toUUID('\(lease.incarnation)'), 'the lease of this range is of another run') = 0
    """
  }

  /// Whether ClickHouse refused to begin because the lease is over: `FUNCTION_THROW_IF_VALUE_IS_NON_ZERO`, which nothing
  /// else in these statements raises.
  static func isRefused(_ error: ClickHouseError) -> Bool {
    if case .server(395, _, _) = error { true } else { false }
  }

  /// - Parameter timeoutMs: the longest that the INSERT may run.
  package static func settings(token: String, timeoutMs: Int64) -> [String: String] {
    [
      "insert_deduplicate": "1", "async_insert": "0", "insert_deduplication_token": token,
      "deduplicate_blocks_in_dependent_materialized_views": "1",
      // All blocks become one, and it may span many months: the token stands for all of it.
      "max_partitions_per_insert_block": "0", "throw_on_max_partitions_per_insert_block": "0",
      "max_insert_block_size": blockRows, "min_insert_block_size_rows": blockRows,
      "min_insert_block_size_bytes": "\(CollectorLimits.insertBlockBytes)", "max_block_size": blockRows,
      "max_insert_threads": "1",
      "max_threads": "1",
      // Rows sent again are sorted as those that came, not read in the table's order: on 26.x their token would not hold.
      "optimize_read_in_order": "0",
      // The views group a whole block, so their rows need not be merged once more before they are written.
      "optimize_on_insert": "0",
      "max_execution_time": "\(max(1, timeoutMs / 1000))",
      "http_receive_timeout": "\(CollectorLimits.receiveTimeoutSeconds)",
      "log_comment": "collector \(token)",
    ]
  }
}

extension BlockTable {
  /// The INSERT of its rows.
  package var insert: RangeInsert { self == .events ? Self.eventInsert : Self.deadLetterInsert }

  private static let eventInsert = RangeInsert(
    table: BlockTable.events.rawValue, columns: BlockTable.events.columns, stampColumn: "ingested_at")
  private static let deadLetterInsert = RangeInsert(
    table: BlockTable.deadLetters.rawValue, columns: BlockTable.deadLetters.columns, stampColumn: "received_at")
}
