import ClickHouse

/// Sends a range's INSERTs (`RangeInsert`): one a table, all of its blocks in one body.
///
/// Confined to one thread, as its connection is.
final class RangeWriter: RangeInserter {
  private let connection: ClickHouseConnection
  /// The blocks of one INSERT, one after the other.
  private var body: [UInt8] = []
  private let insertTimeoutMs: Int64
  private let report: CollectorReport

  init(_ connection: ClickHouseConnection, insertTimeoutMs: Int64, report: CollectorReport) {
    self.connection = connection
    self.report = report
    self.insertTimeoutMs = insertTimeoutMs
  }

  /// Inserts the range's dead letters and events under its token. Harmless to repeat while the token is remembered.
  /// - Returns: false when ClickHouse refused to begin, because the lease is over.
  func insert(_ range: BuiltRange, _ lease: Lease) throws(StepFailure) -> Bool {
    try put(range, lease, token: range.intent.token)
  }

  /// Completes a range whose token does not hold: first the views of what is in already, then the rows that are not.
  ///
  /// - Parameter epochs: the last is ours.
  /// - Returns: false when ClickHouse refused to begin, because the lease is over.
  func reconcile(
    _ range: BuiltRange, _ lease: Lease, _ epochs: [ReconcileEpoch], window: UInt64
  ) throws(StepFailure) -> Bool {
    let intent = range.intent
    guard let ours = epochs.last else { preconditionFailure("a range is reconciled in an epoch") }
    let place =
      "topic = \(SQLText.literal(intent.partition.topic)) AND kafka_partition = \(intent.partition.partition)"
      + " AND kafka_offset >= \(intent.range.from) AND kafka_offset < \(intent.range.to)"
    let stamps = epochs.dropFirst().map { RangeInsert.time($0.beginMs) }
    for epoch in epochs.dropLast() where epoch.incarnation == lease.incarnation && epoch.partsSince < window {
      let stamp =
        epoch.index == 0
        ? "ingested_at NOT IN (\(stamps.joined(separator: ", ")))"
        : "ingested_at = \(RangeInsert.time(epoch.beginMs))"
      guard try complete(epoch.token(of: intent), lease, where: "\(place) AND \(stamp)") else { return false }
    }
    let stamp = RangeInsert.time(ours.beginMs)
    return try put(
      range, lease, token: ours.token(of: intent), stampMs: ours.beginMs,
      where: [
        "kafka_offset NOT IN (SELECT kafka_offset FROM events WHERE \(place) AND ingested_at != \(stamp))",
        "kafka_offset NOT IN (SELECT kafka_offset FROM dead_letters WHERE \(place) AND received_at != \(stamp))",
      ])
  }

  /// Sends rows of `events` again, as they are, under the token they came with.
  private func complete(_ token: String, _ lease: Lease, where condition: String) throws(StepFailure) -> Bool {
    do throws(ClickHouseError) {
      _ = try connection.execute(
        BlockTable.events.insert.resending(lease, where: condition), settings: settings(token))
      return true
    } catch {
      if RangeInsert.isRefused(error) { return false }
      throw .clickHouse(error)
    }
  }

  private func put(
    _ range: BuiltRange, _ lease: Lease, token: String, stampMs: Int64? = nil, where conditions: [String] = []
  ) throws(StepFailure) -> Bool {
    let counts = range.intent.counts
    do throws(ClickHouseError) {
      for (table, rows) in [(BlockTable.deadLetters, counts.deadLetters), (.events, counts.events)] where rows > 0 {
        try put(table.insert.text(lease, stampMs: stampMs, where: conditions), table, range, token: token)
      }
      return true
    } catch {
      if RangeInsert.isRefused(error) { return false }
      throw .clickHouse(error)
    }
  }

  private func put(
    _ query: String, _ table: BlockTable, _ range: BuiltRange, token: String
  ) throws(ClickHouseError) {
    let begin = ContinuousClock.now
    defer { report.inserted(seconds: (ContinuousClock.now - begin) / .seconds(1)) }
    body.removeAll(keepingCapacity: true)
    for block in range.blocks { body.append(contentsOf: block.frames(of: table)) }
    let settings = settings(token)
    _ = try body.withUnsafeBytes { frames in
      Result { () throws(ClickHouseError) in try connection.insert(query, frames: frames, settings: settings) }
    }.get()
  }

  private func settings(_ token: String) -> [String: String] {
    RangeInsert.settings(token: token, timeoutMs: insertTimeoutMs)
  }
}
