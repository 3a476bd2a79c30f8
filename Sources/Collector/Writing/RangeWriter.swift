import ClickHouse

/// The INSERTs of a range. ClickHouse joins the blocks sent into one before it writes them, so one token stands for all.
///
/// Confined to one thread, as its connection is.
final class RangeWriter {
  private let connection: ClickHouseConnection
  /// The blocks of one INSERT, one after the other.
  private var body: [UInt8] = []
  private let insertTimeoutMs: Int64
  private let report: CollectorReport
  /// `FUNCTION_THROW_IF_VALUE_IS_NON_ZERO`: the lease's condition, and nothing else in these statements, raises it.
  private static let leaseOverCode = 395

  init(_ connection: ClickHouseConnection, insertTimeoutMs: Int64, report: CollectorReport) {
    self.connection = connection
    self.report = report
    self.insertTimeoutMs = insertTimeoutMs
  }

  /// Inserts the range's dead letters and events under its token. Harmless to repeat while the token is remembered.
  /// - Returns: false when ClickHouse refused to begin, because the lease is over.
  func insert(_ range: BuiltRange, _ lease: Lease) throws(Obstacle) -> Bool {
    try put(range, token: range.intent.token, where: Self.condition(lease))
  }

  /// Completes a range whose token does not hold: first the views of what is in already, then the rows that are not.
  ///
  /// - Parameter epochs: the last is ours.
  /// - Returns: false when ClickHouse refused to begin, because the lease is over.
  func reconcile(
    _ range: BuiltRange, _ lease: Lease, _ epochs: [ReconcileEpoch], window: UInt64
  ) throws(Obstacle) -> Bool {
    let intent = range.intent
    guard let ours = epochs.last else { preconditionFailure("a range is reconciled in an epoch") }
    let condition = Self.condition(lease)
    let place =
      "topic = '\(intent.partition.topic.clickHouseQuoted)' AND kafka_partition = \(intent.partition.partition)"
      + " AND kafka_offset >= \(intent.range.from) AND kafka_offset < \(intent.range.to)"
    let stamps = epochs.dropFirst().map { Self.time($0.beginMs) }
    for epoch in epochs.dropLast() where epoch.partsSince < window {
      let stamp =
        epoch.index == 0
        ? "ingested_at NOT IN (\(stamps.joined(separator: ", ")))" : "ingested_at = \(Self.time(epoch.beginMs))"
      guard try complete(epoch.token(of: intent), where: "\(condition) AND \(place) AND \(stamp)") else {
        return false
      }
    }
    let stamp = Self.time(ours.beginMs)
    return try put(
      range, token: ours.token(of: intent), stamp: stamp,
      where: """
        \(condition)
        AND kafka_offset NOT IN (SELECT kafka_offset FROM events WHERE \(place) AND ingested_at != \(stamp))
        AND kafka_offset NOT IN (SELECT kafka_offset FROM dead_letters WHERE \(place) AND received_at != \(stamp))
        """)
  }

  /// Sends rows of `events` again, as they are, under the token they came with.
  private func complete(_ token: String, where condition: String) throws(Obstacle) -> Bool {
    let columns = BlockTable.events.columnNames + ", ingested_at"
    do {
      _ = try connection.execute(
        // In one block, as it was.
        "INSERT INTO events (\(columns)) SELECT \(columns) FROM events WHERE \(condition) ORDER BY kafka_offset",
        settings: settings(token))
      return true
    } catch .server(Self.leaseOverCode, _, _) {
      return false
    } catch { throw .clickHouse(error) }
  }

  private static func time(_ milliseconds: Int64) -> String { "fromUnixTimestamp64Milli(toInt64(\(milliseconds)))" }

  /// ClickHouse raises an error when the query begins after the lease's end; no clock but its own is asked.
  private static func condition(_ lease: Lease) -> String {
    "throwIf(now64(3) > fromUnixTimestamp64Milli(toInt64(\(lease.untilMs))), 'the lease of this range is over') = 0"
  }

  private func put(
    _ range: BuiltRange, token: String, stamp: String? = nil, where condition: String
  ) throws(Obstacle) -> Bool {
    let counts = range.intent.counts
    do {
      if counts.deadLetters > 0 { try put(.deadLetters, range, token: token, stamp: stamp, where: condition) }
      if counts.events > 0 { try put(.events, range, token: token, stamp: stamp, where: condition) }
      return true
    } catch .server(Self.leaseOverCode, _, _) {
      return false
    } catch { throw .clickHouse(error) }
  }

  private func put(
    _ table: BlockTable, _ range: BuiltRange, token: String, stamp: String?, where condition: String
  ) throws(ClickHouseError) {
    let begin = ContinuousClock.now
    defer { report.inserted(seconds: (ContinuousClock.now - begin) / .seconds(1)) }
    let columns = table.columnNames
    let time = table == .events ? "ingested_at" : "received_at"
    let (stampColumn, stampValue) = stamp.map { (", \(time)", ", \($0)") } ?? ("", "")
    let query = """
      INSERT INTO \(table.rawValue) (\(columns)\(stampColumn)) SELECT \(columns)\(stampValue) FROM input('\(table.structure)')
      WHERE \(condition) FORMAT Native
      """
    body.removeAll(keepingCapacity: true)
    for block in range.blocks { body.append(contentsOf: block.frames(of: table)) }
    let settings = settings(token)
    _ = try body.withUnsafeBytes { frames in
      Result { () throws(ClickHouseError) in try connection.insert(query, frames: frames, settings: settings) }
    }.get()
  }

  private func settings(_ token: String) -> [String: String] {
    [
      "insert_deduplicate": "1", "async_insert": "0", "insert_deduplication_token": token,
      "deduplicate_blocks_in_dependent_materialized_views": "1",
      // All blocks become one, in their order, and it may span many months: the token stands for all of it.
      "max_partitions_per_insert_block": "0", "throw_on_max_partitions_per_insert_block": "0",
      "max_insert_block_size": "1048576", "min_insert_block_size_rows": "1048576",
      "min_insert_block_size_bytes": "1073741824", "max_block_size": "1048576", "max_insert_threads": "1",
      "max_threads": "1",
      // The views group a whole block, so their rows need not be merged once more before they are written.
      "optimize_on_insert": "0",
      "max_execution_time": "\(max(1, insertTimeoutMs / 1000))", "http_receive_timeout": "30",
      "log_comment": "collector \(token)",
    ]
  }
}

extension String {
  /// This text inside a ClickHouse string literal.
  var clickHouseQuoted: String {
    replacing("\\", with: "\\\\").replacing("'", with: "\\'")
  }
}
