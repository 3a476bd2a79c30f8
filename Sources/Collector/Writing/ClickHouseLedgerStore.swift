import ClickHouse
import Kafka

/// The table `ranges` in ClickHouse.
///
/// Confined to one thread, as its connection is.
final class ClickHouseLedgerStore: LedgerStore {
  private let connection: ClickHouseConnection
  private let leaseMs: Int64
  private let insertTimeoutMs: Int64
  /// The rules by which a version writes rows: each lease has one, which names its run of ClickHouse.
  private static let ledgerProtocol = 2
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
         created_at, expires_at, protocol, incarnation, first_day, last_day)
      SELECT {topic:String}, {partition:Int32}, {from:Int64}, {to:Int64}, {events:UInt32}, {dead:UInt32},
        {skipped:UInt32}, {parts:UInt32}, {decoder:UInt64}, {writer:UUID}, {mark:Bool},
        now64(3) AS created, created + INTERVAL {expires:Int64} MILLISECOND, {protocol:UInt8},
        (SELECT max(incarnation) FROM recoveries), toDate32({first:Int32}), toDate32({last:Int32})
      """,
      [
        "topic": intent.partition.topic, "partition": "\(intent.partition.partition)", "from": "\(intent.range.from)",
        "to": "\(intent.range.to)", "events": "\(intent.counts.events)", "dead": "\(intent.counts.deadLetters)",
        "skipped": "\(intent.counts.skipped)",
        // What is sent under a renewed lease makes the claim's parts, or none.
        "parts": kind == .renewal ? "0" : "\(intent.counts.parts)", "decoder": "\(intent.decoder)",
        "writer": intent.writer, "mark": kind == .mark ? "1" : "0", "expires": "\(leaseMs + insertTimeoutMs)",
        "protocol": "\(Self.ledgerProtocol)", "first": "\(intent.counts.days?.lowerBound ?? 1)",
        "last": "\(intent.counts.days?.upperBound ?? 0)",
      ])
  }

  func rows(of partition: TopicPartition, from: Int64?) throws(StepFailure) -> (rows: [LedgerRow], server: LedgerServer)
  {
    let place =
      from.map { "\($0)" }
        ?? """
        (SELECT from_offset FROM ranges WHERE topic = {topic:String} AND kafka_partition = {partition:Int32}
         ORDER BY topic DESC, kafka_partition DESC, from_offset DESC LIMIT 1)
        """
    let answer = try ask(
      """
      SELECT from_offset, to_offset, events, dead_letters, skipped, parts, decoder, writer, mark, _block_number,
        toUnixTimestamp64Milli(created_at), toUnixTimestamp64Milli(expires_at), incarnation, toInt32(first_day),
        toInt32(last_day), toUnixTimestamp64Milli(now64(3)), (SELECT max(incarnation) FROM recoveries)
      FROM ranges
      WHERE topic = {topic:String} AND kafka_partition = {partition:Int32} AND from_offset = \(place)
      ORDER BY _block_number
      FORMAT TabSeparated
      """, ["topic": partition.topic, "partition": "\(partition.partition)"])
    var rows: [LedgerRow] = []
    var server = LedgerServer(nowMs: 0, incarnation: nil)
    do {
      for row in answer {
        rows.append(try LedgerRow(row, of: partition))
        server = LedgerServer(nowMs: try row.value(15), incarnation: Incarnation(column: try row.value(16)))
      }
    } catch { throw .clickHouse(error) }
    return (rows, server)
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

  private func number<Number: FixedWidthInteger & LosslessStringConvertible>(
    _ sql: String, _ parameters: [String: String]
  ) throws(StepFailure) -> Number {
    guard let row = try ask(sql, parameters).first else {
      throw .clickHouse(.protocolViolation("no number in the answer to \(sql)"))
    }
    do { return try row.value(0) } catch { throw .clickHouse(error) }
  }

  @discardableResult
  private func ask(_ sql: String, _ parameters: [String: String]) throws(StepFailure) -> [TextRow] {
    do {
      // A handful of rows: a second thread would cost more than it reads.
      return TextRow.rows(
        of: try connection.execute(
          sql, parameters: parameters, settings: ["max_threads": "1", "use_query_condition_cache": "0"]))
    } catch { throw .clickHouse(error) }
  }
}

extension LedgerRow {
  fileprivate init(_ row: TextRow, of partition: TopicPartition) throws(ClickHouseError) {
    let (first, last): (Int, Int) = (try row.value(13), try row.value(14))
    self.init(
      intent: RangeIntent(
        partition: partition, range: OffsetRange(from: try row.value(0), to: try row.value(1)),
        counts: RangeCounts(
          events: try row.value(2), deadLetters: try row.value(3), skipped: try row.value(4), parts: try row.value(5),
          days: first <= last ? first...last : nil),
        decoder: try row.value(6), writer: try row.value(7)),
      isMark: try row.value(8), place: try row.value(9), createdMs: try row.value(10), expiresMs: try row.value(11),
      incarnation: Incarnation(column: try row.value(12)))
  }
}
