import ClickHouse
import Kafka

/// The table `ranges`: which offsets were claimed together, in the order in which they were.
///
/// Confined to one thread, as its connection is.
final class RangeLedger {
  private let connection: ClickHouseConnection
  private let leaseMs: Int64

  init(_ connection: ClickHouseConnection, leaseMs: Int64) {
    self.connection = connection
    self.leaseMs = leaseMs
  }

  /// Writes the intent, then reads who was first to claim a range at that offset. Harmless to repeat.
  func claim(_ intent: RangeIntent) throws(Obstacle) -> (first: LedgerEntry, lease: Lease) {
    try write(intent, mark: false)
    let found = try found(of: intent)
    // From when the row was written, not from now: a claim whose reply was lost long ago gives no fresh lease.
    return (found.entry, Lease(untilMs: found.writtenMs + leaseMs))
  }

  /// A new lease for a claimed range, and the range's entry.
  func renew(_ intent: RangeIntent) throws(Obstacle) -> (lease: Lease, entry: LedgerEntry) {
    let found = try found(of: intent)
    return (Lease(untilMs: found.nowMs + leaseMs), found.entry)
  }

  /// When ClickHouse last took a row of others for the range, and its clock now; milliseconds since 1970. Our own mark, if
  /// it is the last, does not count: what we sent under it is repeated under the same token.
  func lastWord(of intent: RangeIntent) throws(Obstacle) -> (atMs: Int64, nowMs: Int64) {
    let found = try found(of: intent)
    return (found.lastWordMs(before: intent.writer), found.nowMs)
  }

  /// The epochs of a range that is being reconciled, oldest first, the claim's own first of all.
  func epochs(of intent: RangeIntent, window: UInt64) throws(Obstacle) -> [ReconcileEpoch] {
    let found = try found(of: intent)
    var marks: [ReconcileEpoch.Mark] = []
    for mark in found.rows where mark.mark {
      marks.append(.init(writer: mark.writer, atMs: mark.createdMs, partsSince: try partsWritten(after: mark.block)))
    }
    return ReconcileEpoch.all(claimPartsSince: found.entry.partsSince, marks: marks, window: window)
  }

  /// Writes down that the range is about to be reconciled; the lease runs from before that.
  func mark(_ intent: RangeIntent) throws(Obstacle) -> Lease {
    let now = try now()
    try write(intent, mark: true)
    return Lease(untilMs: now + leaseMs)
  }

  /// ClickHouse's clock, in milliseconds since 1970.
  func now() throws(Obstacle) -> Int64 {
    let rows = try ask("SELECT toUnixTimestamp64Milli(now64(3)) FORMAT TabSeparated", [:])
    guard let now = rows.first?.first.flatMap({ Int64($0) }) else {
      throw .clickHouse(.protocolViolation("no time in the answer to now64"))
    }
    return now
  }

  /// The end of a partition's chain; nil when it has none.
  func tail(of partition: TopicPartition) throws(Obstacle) -> LedgerEntry? {
    try find(partition, at: nil)?.entry
  }

  private struct Found {
    let entry: LedgerEntry
    let writtenMs: Int64
    let nowMs: Int64
    /// All rows at that offset, in the order of arrival.
    let rows: [Row]

    func lastWordMs(before writer: String) -> Int64 {
      let ours = rows.reversed().prefix { $0.mark && $0.writer == writer }.count
      return rows.dropLast(ours).map(\.createdMs).max() ?? writtenMs
    }
  }

  private func found(of intent: RangeIntent) throws(Obstacle) -> Found {
    guard let found = try find(intent.partition, at: intent.range.from) else {
      throw .clickHouse(.protocolViolation("ranges does not show the claim of \(intent.token), which it had taken"))
    }
    return found
  }

  private func write(_ intent: RangeIntent, mark: Bool) throws(Obstacle) {
    try ask(
      """
      INSERT INTO ranges
        (topic, kafka_partition, from_offset, to_offset, events, dead_letters, skipped, parts, decoder, writer, mark)
      SELECT {topic:String}, {partition:Int32}, {from:Int64}, {to:Int64}, {events:UInt32}, {dead:UInt32},
        {skipped:UInt32}, {parts:UInt32}, {decoder:UInt64}, {writer:UUID}, {mark:Bool}
      """,
      [
        "topic": intent.partition.topic, "partition": "\(intent.partition.partition)", "from": "\(intent.range.from)",
        "to": "\(intent.range.to)", "events": "\(intent.counts.events)", "dead": "\(intent.counts.deadLetters)",
        "skipped": "\(intent.counts.skipped)", "parts": "\(intent.counts.parts)", "decoder": "\(intent.decoder)",
        "writer": intent.writer, "mark": mark ? "1" : "0",
      ])
  }

  /// The winning row at `from`, or at the last `from` of the partition, and what else stands there.
  private func find(_ partition: TopicPartition, at from: Int64?) throws(Obstacle) -> Found? {
    let place =
      from.map { "\($0)" }
        ?? """
        (SELECT from_offset FROM ranges WHERE topic = {topic:String} AND kafka_partition = {partition:Int32}
         ORDER BY topic DESC, kafka_partition DESC, from_offset DESC LIMIT 1)
        """
    let rows = try ask(
      """
      SELECT from_offset, to_offset, events, dead_letters, skipped, parts, decoder, writer, mark, _block_number,
        toUnixTimestamp64Milli(created_at), toUnixTimestamp64Milli(now64(3))
      FROM ranges
      WHERE topic = {topic:String} AND kafka_partition = {partition:Int32} AND from_offset = \(place)
      ORDER BY _block_number
      FORMAT TabSeparated
      """, ["topic": partition.topic, "partition": "\(partition.partition)"])
    guard let first = rows.first else { return nil }
    guard let row = Row(first) else {
      throw .clickHouse(.protocolViolation("ranges answers with a row that is not one of its own"))
    }
    // Block numbers are given under the table's lock, and kept by merges: their order is the order of arrival.
    let justNow = rows.count == 1 && row.ageMs < 2_000
    let since = justNow ? 0 : try partsWritten(after: row.block)
    let others = rows.compactMap(Row.init)
    return Found(
      entry: LedgerEntry(
        intent: row.intent(of: partition), partsSince: since, marked: others.contains(where: \.mark)),
      writtenMs: row.createdMs, nowMs: row.nowMs, rows: others)
  }

  private struct Row {
    let range: OffsetRange
    let counts: RangeCounts
    let decoder: UInt64
    let writer: String
    let mark: Bool
    let block: UInt64
    let createdMs: Int64
    let nowMs: Int64
    var ageMs: Int64 { nowMs - createdMs }

    init?(_ row: [String]) {
      guard row.count == 12, let from = Int64(row[0]), let to = Int64(row[1]), let events = UInt32(row[2]),
        let dead = UInt32(row[3]), let skipped = UInt32(row[4]), let parts = UInt32(row[5]),
        let decoder = UInt64(row[6]), let block = UInt64(row[9]), let created = Int64(row[10]), let now = Int64(row[11])
      else { return nil }
      range = OffsetRange(from: from, to: to)
      counts = RangeCounts(events: events, deadLetters: dead, skipped: skipped, parts: parts)
      self.decoder = decoder
      writer = row[7]
      mark = row[8] == "true" || row[8] == "1"
      self.block = block
      createdMs = created
      nowMs = now
    }

    func intent(of partition: TopicPartition) -> RangeIntent {
      RangeIntent(partition: partition, range: range, counts: counts, decoder: decoder, writer: writer)
    }
  }

  private func partsWritten(after block: UInt64) throws(Obstacle) -> UInt64 {
    let rows = try ask(
      "SELECT sum(parts) FROM ranges WHERE _block_number > {block:UInt64} FORMAT TabSeparated",
      ["block": "\(block)"])
    guard let parts = rows.first?.first.flatMap({ UInt64($0) }) else {
      throw .clickHouse(.protocolViolation("no number in the answer to a sum"))
    }
    return parts
  }

  @discardableResult
  private func ask(_ sql: String, _ parameters: [String: String]) throws(Obstacle) -> [[String]] {
    do {
      // A handful of rows: a second thread would cost more than it reads.
      let bytes = try connection.execute(sql, parameters: parameters, settings: ["max_threads": "1"])
      return String(decoding: bytes, as: UTF8.self).split(separator: "\n")
        .map { $0.split(separator: "\t", omittingEmptySubsequences: false).map(String.init) }
    } catch { throw .clickHouse(error) }
  }
}
