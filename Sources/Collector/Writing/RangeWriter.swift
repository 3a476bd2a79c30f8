import ClickHouse

/// The INSERTs of a range.
///
/// Confined to one thread, as its connection is.
final class RangeWriter {
  private let connection: ClickHouseConnection
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
  func insert(_ intent: RangeIntent, _ lease: Lease, _ builder: BlockBuilder) throws(Obstacle) -> Bool {
    try put(intent, builder, token: intent.token, where: Self.condition(lease))
  }

  /// Completes a range whose token does not hold: first the views of what is in already, then the rows that are not.
  ///
  /// - Parameter epochs: the last is ours.
  /// - Returns: false when ClickHouse refused to begin, because the lease is over.
  func reconcile(
    _ intent: RangeIntent, _ lease: Lease, _ builder: BlockBuilder, _ epochs: [ReconcileEpoch], window: UInt64
  ) throws(Obstacle) -> Bool {
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
      guard try complete(epoch.token(of: intent), where: "\(condition) AND \(place) AND \(stamp)", builder) else {
        return false
      }
    }
    let stamp = Self.time(ours.beginMs)
    return try put(
      intent, builder, token: ours.token(of: intent), stamp: stamp,
      where: """
        \(condition)
        AND kafka_offset NOT IN (SELECT kafka_offset FROM events WHERE \(place) AND ingested_at != \(stamp))
        AND kafka_offset NOT IN (SELECT kafka_offset FROM dead_letters WHERE \(place) AND received_at != \(stamp))
        """)
  }

  /// Sends rows of `events` again, as they are, under the token they came with.
  private func complete(_ token: String, where condition: String, _ builder: BlockBuilder) throws(Obstacle) -> Bool {
    let columns = builder.columnNames(of: .events) + ", ingested_at"
    do {
      _ = try connection.execute(
        // In one block, as it was.
        "INSERT INTO events (\(columns)) SELECT \(columns) FROM events WHERE \(condition) ORDER BY kafka_offset",
        settings: settings(token).merging(["max_threads": "1"]) { _, one in one })
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
    _ intent: RangeIntent, _ builder: BlockBuilder, token: String, stamp: String? = nil, where condition: String
  ) throws(Obstacle) -> Bool {
    do {
      if intent.counts.deadLetters > 0 { try put(.deadLetters, builder, token: token, stamp: stamp, where: condition) }
      if intent.counts.events > 0 { try put(.events, builder, token: token, stamp: stamp, where: condition) }
      return true
    } catch .server(Self.leaseOverCode, _, _) {
      return false
    } catch { throw .clickHouse(error) }
  }

  private func put(
    _ table: BlockBuilder.Table, _ builder: BlockBuilder, token: String, stamp: String?, where condition: String
  ) throws(ClickHouseError) {
    let begin = ContinuousClock.now
    defer { report.inserted(seconds: (ContinuousClock.now - begin) / .seconds(1)) }
    let columns = builder.columnNames(of: table)
    let time = table == .events ? "ingested_at" : "received_at"
    let (stampColumn, stampValue) = stamp.map { (", \(time)", ", \($0)") } ?? ("", "")
    _ = try connection.insert(
      """
      INSERT INTO \(table.rawValue) (\(columns)\(stampColumn)) SELECT \(columns)\(stampValue) FROM input('\(builder.structure(of: table))')
      WHERE \(condition) FORMAT Native
      """,
      frames: builder.frames(of: table),
      settings: settings(token))
  }

  private func settings(_ token: String) -> [String: String] {
    [
      "insert_deduplicate": "1", "async_insert": "0", "insert_deduplication_token": token,
      "deduplicate_blocks_in_dependent_materialized_views": "1",
      // One block may span many months, and it must stay one block: its token stands for all of it.
      "max_partitions_per_insert_block": "0", "throw_on_max_partitions_per_insert_block": "0",
      "max_insert_block_size": "1048576", "min_insert_block_size_rows": "1048576",
      "min_insert_block_size_bytes": "1073741824", "max_block_size": "1048576", "max_insert_threads": "1",
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
