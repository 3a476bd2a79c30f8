import ClickHouse

/// Reads the tables `dead_letters` and `dead_letter_replays`. Confined to one thread, as its connection is.
package struct LetterStore {
  private let connection: ClickHouseConnection

  package init(_ connection: ClickHouseConnection) { self.connection = connection }

  /// Letters, and what became of them, by topic and reason.
  package struct SummaryRow: Sendable {
    package let topic: String
    package let reason: String
    package let letters: Int
    /// Of these, not sent again.
    package let pending: Int
    /// Milliseconds since 1970.
    package let firstMs: Int64
    package let lastMs: Int64
  }

  package func summary(of selection: LetterSelection) throws(DeadLetterError) -> [SummaryRow] {
    let (condition, parameters) = selection.condition
    return try ask(
      """
      SELECT topic, reason, count(), countIf(done = 0), toUnixTimestamp64Milli(min(received_at)),
        toUnixTimestamp64Milli(max(received_at))
      FROM \(Self.letters) WHERE \(condition)
      GROUP BY topic, reason ORDER BY count() DESC, topic, reason
      """, parameters
    ).compactMap { row in
      guard row.count == 6 else { return nil }
      return SummaryRow(
        topic: row[0], reason: row[1], letters: Int(row[2]) ?? 0, pending: Int(row[3]) ?? 0,
        firstMs: Int64(row[4]) ?? 0, lastMs: Int64(row[5]) ?? 0)
    }
  }

  /// The next letters in the order of coordinates: at most `limit`, and no more than about `byteLimit` bytes of values.
  /// - Parameter valueBytes: how much of each value is wanted; nil for all of it.
  package func page(
    of selection: LetterSelection, limit: Int, valueBytes: Int? = nil, byteLimit: Int = 8 << 20
  ) throws(DeadLetterError) -> [DeadLetter] {
    var (condition, parameters) = selection.condition
    var limit = limit
    if valueBytes == nil {
      // Values may be megabytes each: sizes first.
      let sizes = try ask(
        """
        SELECT length(value) + length(key) FROM \(Self.letters) WHERE \(condition)
        ORDER BY topic, kafka_partition, kafka_offset LIMIT {limit:UInt64}
        """, parameters.merging(["limit": UInt64(limit)]) { $1 })
      var bytes = 0
      let fitting = sizes.prefix { row in
        bytes += row.first.flatMap { Int($0) } ?? 0
        return bytes <= byteLimit
      }
      limit = max(1, fitting.count)
    }
    parameters["limit"] = UInt64(limit)
    parameters["bytes"] = UInt64(valueBytes ?? Int(Int32.max))
    condition +=
      " ORDER BY topic, kafka_partition, kafka_offset LIMIT {limit:UInt64}"
    return try ask("SELECT \(Self.columns) FROM \(Self.letters) WHERE \(condition)", parameters)
      .compactMap(Self.letter)
  }

  /// One letter, whole.
  package func letter(at coordinates: LetterCoordinates) throws(DeadLetterError) -> DeadLetter {
    var selection = LetterSelection()
    selection.coordinates = [coordinates]
    guard let letter = try page(of: selection, limit: 1).first else { throw .noSuchLetter(coordinates) }
    return letter
  }

  /// What the collector made of the message at these coordinates: nothing yet, an event, or a dead letter again.
  package enum Fate: Sendable, Equatable {
    case notCollected
    case event
    case dead(reason: String)
  }

  package func fate(of coordinates: LetterCoordinates) throws(DeadLetterError) -> Fate {
    let rows = try ask(
      """
      SELECT 'event', '' FROM events
      WHERE topic = {topic:String} AND kafka_partition = {partition:Int32} AND kafka_offset = {offset:Int64}
      UNION ALL
      SELECT 'dead', toString(reason) FROM dead_letters
      WHERE topic = {topic:String} AND kafka_partition = {partition:Int32} AND kafka_offset = {offset:Int64}
      """,
      [
        "topic": coordinates.partition.topic, "partition": coordinates.partition.partition,
        "offset": coordinates.offset,
      ])
    guard let row = rows.first, row.count == 2 else { return .notCollected }
    return row[0] == "event" ? .event : .dead(reason: row[1])
  }

  /// Where events of these ids are, among the types and times given: the table is sorted by them.
  func present(_ events: [ValidEvent]) throws(DeadLetterError) -> [String: LetterCoordinates] {
    guard let first = events.map(\.occurredAtMs).min(), let last = events.map(\.occurredAtMs).max() else { return [:] }
    let rows = try ask(
      """
      SELECT toString(event_id), topic, kafka_partition, kafka_offset FROM events
      WHERE event_type IN {types:Array(String)} AND event_id IN {ids:Array(UUID)}
        AND occurred_at >= fromUnixTimestamp64Milli({first:Int64}, 'UTC')
        AND occurred_at <= fromUnixTimestamp64Milli({last:Int64}, 'UTC')
      """, ["types": Array(Set(events.map(\.type))), "ids": events.map(\.id), "first": first, "last": last])
    var found: [String: LetterCoordinates] = [:]
    for row in rows where row.count == 4 {
      found[row[0]] = LetterCoordinates(topic: row[1], partition: Int32(row[2]) ?? -1, offset: Int64(row[3]) ?? -1)
    }
    return found
  }

  // MARK: -

  /// Letters beside what the ledger knows of each.
  private static let letters = """
    (
      SELECT l.topic AS topic, l.kafka_partition AS kafka_partition, l.kafka_offset AS kafka_offset, kafka_timestamp,
        received_at, key, value, reason, detail, attempts, done, sent_offset, replayed_at
      FROM dead_letters AS l LEFT JOIN
      (
        SELECT topic, kafka_partition, kafka_offset, count() AS attempts, countIf(state = 'done') AS done,
          maxIf(sent_offset, state = 'done') AS sent_offset,
          if(done > 0, minIf(created_at, state = 'done'), max(created_at)) AS replayed_at
        FROM dead_letter_replays GROUP BY topic, kafka_partition, kafka_offset
      ) AS r ON l.topic = r.topic AND l.kafka_partition = r.kafka_partition AND l.kafka_offset = r.kafka_offset
    )
    """

  private static let columns = """
    topic, kafka_partition, kafka_offset, toUnixTimestamp64Milli(kafka_timestamp), toUnixTimestamp64Milli(received_at),
    hex(key), hex(substring(value, 1, {bytes:UInt64})), length(value), reason, hex(detail),
    attempts, done, sent_offset, toUnixTimestamp64Milli(replayed_at)
    """

  private static func letter(_ row: [String]) -> DeadLetter? {
    guard row.count == 14, let partition = Int32(row[1]), let offset = Int64(row[2]),
      let key = [UInt8](hexadecimal: row[5]), let value = [UInt8](hexadecimal: row[6]),
      let detail = [UInt8](hexadecimal: row[9])
    else { return nil }
    let replayedMs = Int64(row[13]) ?? 0
    let sent = Int64(row[12]) ?? -1
    let replay: ReplayState =
      row[10] == "0"
      ? .none
      : row[11] == "0"
        ? .begun(atMs: replayedMs)
        : sent < 0 ? .settled(atMs: replayedMs) : .sent(offset: sent, atMs: replayedMs)
    return DeadLetter(
      coordinates: LetterCoordinates(topic: row[0], partition: partition, offset: offset),
      kafkaTimestampMs: Int64(row[3]) ?? 0, receivedAtMs: Int64(row[4]) ?? 0, key: key, value: value,
      valueBytes: Int(row[7]) ?? value.count, reason: row[8], detail: String(decoding: detail, as: UTF8.self),
      replay: replay)
  }

  private func ask(
    _ sql: String, _ parameters: [String: any ClickHouseParameter]
  ) throws(DeadLetterError) -> [[String]] {
    try DeadLetterError.wrap { () throws(ClickHouseError) in
      try connection.rows(sql, parameters: parameters).map(\.cells)
    }
  }
}

extension [UInt8] {
  /// Reads pairs of hexadecimal digits; nil for anything else. (Not every ClickHouse has base64Encode.)
  init?(hexadecimal text: String) {
    func digit(_ byte: UInt8) -> UInt8? {
      switch byte {
      case 0x30...0x39: byte - 0x30
      case 0x41...0x46: byte - 0x41 + 10
      case 0x61...0x66: byte - 0x61 + 10
      default: nil
      }
    }
    let digits = Array(text.utf8)
    guard digits.count.isMultiple(of: 2) else { return nil }
    self.init()
    reserveCapacity(digits.count / 2)
    for index in stride(from: 0, to: digits.count, by: 2) {
      guard let high = digit(digits[index]), let low = digit(digits[index + 1]) else { return nil }
      append(high << 4 | low)
    }
  }

  /// An answer's rows and cells.
  var tabSeparated: [[String]] {
    TextRow.rows(of: self).map(\.cells)
  }
}
