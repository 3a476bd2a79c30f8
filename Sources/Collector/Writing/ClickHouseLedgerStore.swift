import ClickHouse
import Kafka

/// The table `ranges` in ClickHouse.
///
/// Confined to one thread, as its connection is.
final class ClickHouseLedgerStore: LedgerStore {
  private let connection: ClickHouseConnection
  private let leaseMs: Int64
  private let insertTimeoutMs: Int64
  /// The rules by which a version writes rows. 0: renewals leave none. 1: each lease has one.
  private static let ledgerProtocol = 1
  /// Rows are looked for among those created at most so long before: that far the server's clock may be set back.
  private static let clockSlackHours = 24

  init(_ connection: ClickHouseConnection, leaseMs: Int64, insertTimeoutMs: Int64) {
    self.connection = connection
    self.leaseMs = leaseMs
    self.insertTimeoutMs = insertTimeoutMs
  }

  func append(_ kind: LedgerRow.Kind, _ intent: RangeIntent) throws(StepFailure) {
    try ask(
      """
      INSERT INTO ranges
        (topic, kafka_partition, from_offset, to_offset, events, dead_letters, skipped, parts, decoder, writer, mark,
         created_at, expires_at, protocol)
      SELECT {topic:String}, {partition:Int32}, {from:Int64}, {to:Int64}, {events:UInt32}, {dead:UInt32},
        {skipped:UInt32}, {parts:UInt32}, {decoder:UInt64}, {writer:UUID}, {mark:Bool},
        now64(3) AS created, created + INTERVAL {expires:Int64} MILLISECOND, {protocol:UInt8}
      """,
      [
        "topic": intent.partition.topic, "partition": "\(intent.partition.partition)", "from": "\(intent.range.from)",
        "to": "\(intent.range.to)", "events": "\(intent.counts.events)", "dead": "\(intent.counts.deadLetters)",
        "skipped": "\(intent.counts.skipped)",
        // What is sent under a renewed lease makes the claim's parts, or none.
        "parts": kind == .renewal ? "0" : "\(intent.counts.parts)", "decoder": "\(intent.decoder)",
        "writer": intent.writer, "mark": kind == .mark ? "1" : "0", "expires": "\(leaseMs + insertTimeoutMs)",
        "protocol": "\(Self.ledgerProtocol)",
      ])
  }

  func rows(of partition: TopicPartition, from: Int64?) throws(StepFailure) -> (rows: [LedgerRow], nowMs: Int64) {
    let place =
      from.map { "\($0)" }
        ?? """
        (SELECT from_offset FROM ranges WHERE topic = {topic:String} AND kafka_partition = {partition:Int32}
         ORDER BY topic DESC, kafka_partition DESC, from_offset DESC LIMIT 1)
        """
    let answer = try ask(
      """
      SELECT from_offset, to_offset, events, dead_letters, skipped, parts, decoder, writer, mark, _block_number,
        toUnixTimestamp64Milli(created_at), toUnixTimestamp64Milli(expires_at), protocol,
        toUnixTimestamp64Milli(now64(3))
      FROM ranges
      WHERE topic = {topic:String} AND kafka_partition = {partition:Int32} AND from_offset = \(place)
      ORDER BY _block_number
      FORMAT TabSeparated
      """, ["topic": partition.topic, "partition": "\(partition.partition)"])
    var rows: [LedgerRow] = []
    var nowMs: Int64 = 0
    for cells in answer {
      guard let row = LedgerRow(cells, of: partition), let now = cells.last.flatMap({ Int64($0) }) else {
        throw .clickHouse(.protocolViolation("ranges answers with a row that is not one of its own"))
      }
      rows.append(row)
      nowMs = now
    }
    return (rows, nowMs)
  }

  func partsWritten(after row: LedgerRow) throws(StepFailure) -> UInt64 {
    // The index on `created_at` leaves out what is older; block numbers, given under the table's lock and kept by merges,
    // decide.
    try number(
      """
      SELECT sum(parts) FROM ranges
      WHERE created_at >= fromUnixTimestamp64Milli({created:Int64}) - INTERVAL \(Self.clockSlackHours) HOUR
        AND _block_number > {place:UInt64}
      FORMAT TabSeparated
      """, ["created": "\(row.createdMs)", "place": "\(row.place)"])
  }

  func endInserts(of intent: RangeIntent) throws(StepFailure) -> Int {
    try ask(
      """
      KILL QUERY WHERE user = currentUser() AND (Settings['insert_deduplication_token'] = {token:String}
        OR startsWith(Settings['insert_deduplication_token'], {epoch:String}))
      ASYNC FORMAT TabSeparated
      """, ["token": intent.token, "epoch": "\(intent.token)/"]
    ).count
  }

  func now() throws(StepFailure) -> Int64 {
    try number("SELECT toUnixTimestamp64Milli(now64(3)) FORMAT TabSeparated", [:])
  }

  private func number<Number: FixedWidthInteger>(
    _ sql: String, _ parameters: [String: String]
  ) throws(StepFailure) -> Number {
    guard let number = try ask(sql, parameters).first?.first.flatMap({ Number($0) }) else {
      throw .clickHouse(.protocolViolation("no number in the answer to \(sql)"))
    }
    return number
  }

  @discardableResult
  private func ask(_ sql: String, _ parameters: [String: String]) throws(StepFailure) -> [[String]] {
    do {
      // A handful of rows: a second thread would cost more than it reads.
      let bytes = try connection.execute(
        sql, parameters: parameters, settings: ["max_threads": "1", "use_query_condition_cache": "0"])
      return String(decoding: bytes, as: UTF8.self).split(separator: "\n")
        .map { $0.split(separator: "\t", omittingEmptySubsequences: false).map(String.init) }
    } catch { throw .clickHouse(error) }
  }
}

extension LedgerRow {
  fileprivate init?(_ cells: [String], of partition: TopicPartition) {
    guard cells.count == 14, let from = Int64(cells[0]), let to = Int64(cells[1]), let events = UInt32(cells[2]),
      let dead = UInt32(cells[3]), let skipped = UInt32(cells[4]), let parts = UInt32(cells[5]),
      let decoder = UInt64(cells[6]), let place = UInt64(cells[9]), let created = Int64(cells[10]),
      let expires = Int64(cells[11]), let ledgerProtocol = Int(cells[12])
    else { return nil }
    self.init(
      intent: RangeIntent(
        partition: partition, range: OffsetRange(from: from, to: to),
        counts: RangeCounts(events: events, deadLetters: dead, skipped: skipped, parts: parts), decoder: decoder,
        writer: cells[7]),
      isMark: cells[8] == "true" || cells[8] == "1", place: place, createdMs: created, expiresMs: expires,
      isLegacy: ledgerProtocol == 0)
  }
}
