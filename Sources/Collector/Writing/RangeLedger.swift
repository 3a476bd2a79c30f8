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
  func claim(_ intent: RangeIntent) throws(Obstacle) -> (tail: LedgerTail, lease: Lease) {
    try ask(
      """
      INSERT INTO ranges (topic, kafka_partition, from_offset, to_offset, events, dead_letters, skipped, parts, decoder, writer)
      SELECT {topic:String}, {partition:Int32}, {from:Int64}, {to:Int64}, {events:UInt32}, {dead:UInt32}, {skipped:UInt32},
        {parts:UInt32}, {decoder:UInt64}, {writer:UUID}
      """,
      [
        "topic": intent.partition.topic, "partition": "\(intent.partition.partition)", "from": "\(intent.range.from)",
        "to": "\(intent.range.to)", "events": "\(intent.counts.events)", "dead": "\(intent.counts.deadLetters)",
        "skipped": "\(intent.counts.skipped)", "parts": "\(intent.counts.parts)", "decoder": "\(intent.decoder)",
        "writer": intent.writer,
      ])
    guard let first = try first(of: intent.partition, at: intent.range.from) else {
      throw .clickHouse(.protocolViolation("ranges does not show a row that it has just taken"))
    }
    let since = first.intent.writer == intent.writer ? 0 : try partsWritten(after: first)
    return (LedgerTail(intent: first.intent, partsSince: since), Lease(untilMs: first.nowMs + leaseMs))
  }

  /// ClickHouse's clock, in milliseconds since 1970.
  func now() throws(Obstacle) -> Int64 {
    let rows = try ask("SELECT toUnixTimestamp64Milli(now64(3)) FORMAT TabSeparated", [:])
    guard let now = rows.first?.first.flatMap({ Int64($0) }) else {
      throw .clickHouse(.protocolViolation("no time in the answer to now64"))
    }
    return now
  }

  /// A new lease for a claimed range, and how many parts were written since the claim.
  func lease(for intent: RangeIntent) throws(Obstacle) -> (lease: Lease, partsSince: UInt64) {
    guard let first = try first(of: intent.partition, at: intent.range.from) else {
      throw .clickHouse(.protocolViolation("ranges has lost the claim of \(intent.token)"))
    }
    return (Lease(untilMs: first.nowMs + leaseMs), try partsWritten(after: first))
  }

  /// The end of a partition's chain; nil when it has none.
  func tail(of partition: TopicPartition) throws(Obstacle) -> LedgerTail? {
    guard let last = try first(of: partition, at: nil) else { return nil }
    return LedgerTail(intent: last.intent, partsSince: try partsWritten(after: last))
  }

  /// A row of the ledger that won its offset.
  private struct Winner {
    let intent: RangeIntent
    let block: UInt64
    let nowMs: Int64
  }

  /// Parts that all partitions have claimed since. Block numbers, not times: they are given under the table's lock.
  private func partsWritten(after winner: Winner) throws(Obstacle) -> UInt64 {
    let rows = try ask(
      "SELECT sum(parts) FROM ranges WHERE _block_number > {block:UInt64} FORMAT TabSeparated",
      ["block": "\(winner.block)"])
    guard let parts = rows.first?.first.flatMap({ UInt64($0) }) else {
      throw .clickHouse(.protocolViolation("no number in the answer to a sum"))
    }
    return parts
  }

  /// The winning row at `from`, or at the last `from` of the partition.
  private func first(of partition: TopicPartition, at from: Int64?) throws(Obstacle) -> Winner? {
    let place =
      from.map { "\($0)" }
      ?? """
      (SELECT from_offset FROM ranges WHERE topic = {topic:String} AND kafka_partition = {partition:Int32}
       ORDER BY topic DESC, kafka_partition DESC, from_offset DESC LIMIT 1)
      """
    let rows = try ask(
      """
      SELECT from_offset, to_offset, events, dead_letters, skipped, parts, decoder, writer, _block_number,
        toUnixTimestamp64Milli(now64(3))
      FROM ranges
      WHERE topic = {topic:String} AND kafka_partition = {partition:Int32} AND from_offset = \(place)
      ORDER BY _block_number LIMIT 1
      FORMAT TabSeparated
      """, ["topic": partition.topic, "partition": "\(partition.partition)"])
    guard let row = rows.first else { return nil }
    guard row.count == 10, let from = Int64(row[0]), let to = Int64(row[1]), let events = UInt32(row[2]),
      let dead = UInt32(row[3]), let skipped = UInt32(row[4]), let parts = UInt32(row[5]), let decoder = UInt64(row[6]),
      let block = UInt64(row[8]), let now = Int64(row[9])
    else { throw .clickHouse(.protocolViolation("ranges answers with a row that is not one of its own")) }
    let intent = RangeIntent(
      partition: partition, range: OffsetRange(from: from, to: to),
      counts: RangeCounts(events: events, deadLetters: dead, skipped: skipped, parts: parts), decoder: decoder,
      writer: row[7])
    return Winner(intent: intent, block: block, nowMs: now)
  }

  @discardableResult
  private func ask(_ sql: String, _ parameters: [String: String]) throws(Obstacle) -> [[String]] {
    do {
      let bytes = try connection.execute(sql, parameters: parameters)
      return String(decoding: bytes, as: UTF8.self).split(separator: "\n")
        .map { $0.split(separator: "\t", omittingEmptySubsequences: false).map(String.init) }
    } catch { throw .clickHouse(error) }
  }
}
