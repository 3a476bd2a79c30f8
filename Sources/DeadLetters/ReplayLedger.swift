import ClickHouse
import Kafka

/// The table `dead_letter_replays`: who began to replay which letter, and what came of it.
///
/// Confined to one thread, as its connection is.
package struct ReplayLedger {
  private let connection: ClickHouseConnection
  /// This process in the ledger, a UUID.
  package let replayer: String
  private let leaseMs: Int64

  /// - Parameter leaseMs: how long after an intent of ours we may send.
  package init(
    _ connection: ClickHouseConnection, leaseMs: Int64, replayer: String = ClickHouseUUID.random().description
  ) {
    self.connection = connection
    self.leaseMs = leaseMs
    self.replayer = replayer
  }

  /// One row to write.
  package struct Line: Sendable {
    let offset: Int64
    let attempt: UInt32
    let eventID: String
    /// Nil for an intent.
    let sentOffset: Int64?

    package init(offset: Int64, attempt: UInt32, eventID: String, sentOffset: Int64?) {
      self.offset = offset
      self.attempt = attempt
      self.eventID = eventID
      self.sentOffset = sentOffset
    }
  }

  /// Writes rows of one partition in one INSERT. Harmless to repeat.
  package func write(
    _ lines: [Line], of partition: TopicPartition, searchFrom: Int64
  ) throws(DeadLetterError) {
    guard !lines.isEmpty else { return }
    _ = try ask(
      """
      INSERT INTO dead_letter_replays
        (topic, kafka_partition, kafka_offset, attempt, state, replayer, event_id, search_from, sent_offset,
          created_at, expires_at)
      SELECT {topic:String}, {partition:Int32}, tupleElement(line, 1), tupleElement(line, 2),
        if(tupleElement(line, 4) = -2, 'intent', 'done'), {replayer:UUID}, tupleElement(line, 3), {from:Int64},
        greatest(tupleElement(line, 4), -1), now64(3) AS now, now + toIntervalMillisecond({lease:Int64})
      FROM (SELECT arrayJoin(arrayZip({offsets:Array(Int64)}, {attempts:Array(UInt32)}, {ids:Array(UUID)},
        {sent:Array(Int64)})) AS line)
      """,
      [
        "topic": partition.topic, "partition": partition.partition, "replayer": replayer, "from": searchFrom,
        "lease": leaseMs,
        "offsets": lines.map(\.offset), "attempts": lines.map(\.attempt), "ids": lines.map(\.eventID),
        "sent": lines.map { $0.sentOffset ?? -2 },
      ])
  }

  /// All rows of these letters in the order of arrival, and ClickHouse's clock, milliseconds since 1970.
  package func entries(
    of offsets: [Int64], in partition: TopicPartition
  ) throws(DeadLetterError) -> (byOffset: [Int64: [ReplayEntry]], nowMs: Int64) {
    let rows = try ask(
      """
      SELECT kafka_offset, attempt, state, replayer, search_from, sent_offset, toUnixTimestamp64Milli(expires_at)
      FROM dead_letter_replays
      WHERE topic = {topic:String} AND kafka_partition = {partition:Int32} AND kafka_offset IN {offsets:Array(Int64)}
      ORDER BY _block_number FORMAT TabSeparated
      """, ["topic": partition.topic, "partition": partition.partition, "offsets": offsets])
    // Asked after the rows: a clock read before them would make a lease look longer to others, not to its owner.
    let clock = try ask("SELECT toUnixTimestamp64Milli(now64(3)) FORMAT TabSeparated", [:])
    guard let nowMs = clock.first?.first.flatMap({ Int64($0) }) else {
      throw .clickHouse(.protocolViolation("no time in the answer to now64"))
    }
    var found: [Int64: [ReplayEntry]] = [:]
    for row in rows {
      guard row.count == 7, let offset = Int64(row[0]), let attempt = UInt32(row[1]), let from = Int64(row[4]),
        let sent = Int64(row[5]), let expires = Int64(row[6])
      else {
        throw .clickHouse(.protocolViolation("dead_letter_replays answers with a row that is not one of its own"))
      }
      found[offset, default: []].append(
        ReplayEntry(
          attempt: attempt, sentOffset: row[2] == "done" ? sent : nil, replayer: row[3], searchFrom: from,
          expiresMs: expires))
    }
    return (found, nowMs)
  }

  /// Letters that were or are being replayed with events of these ids.
  func letters(withEvents ids: [String]) throws(DeadLetterError) -> [String: LetterCoordinates] {
    let rows = try ask(
      """
      SELECT toString(event_id), topic, kafka_partition, kafka_offset FROM dead_letter_replays
      WHERE event_id IN {ids:Array(UUID)} FORMAT TabSeparated
      """, ["ids": ids])
    var found: [String: LetterCoordinates] = [:]
    for row in rows where row.count == 4 {
      found[row[0]] = LetterCoordinates(topic: row[1], partition: Int32(row[2]) ?? -1, offset: Int64(row[3]) ?? -1)
    }
    return found
  }

  private func ask(
    _ sql: String, _ parameters: [String: any ClickHouseParameter]
  ) throws(DeadLetterError) -> [[String]] {
    try DeadLetterError.wrap { () throws(ClickHouseError) in
      try connection.execute(sql, parameters: parameters).tabSeparated
    }
  }
}
