import ClickHouse
import EventSchema
import Kafka

/// Proves, from ClickHouse alone, that every claimed message is stored once.
///
/// The ledger says which offsets were claimed and how many rows they make; the tables say what is there. Offsets have
/// holes, so completeness is judged by the ledger's counts, range by range.
package struct Audit {
  private let connection: ClickHouseConnection
  private let pieceRows: Int64

  /// - Parameter pieceRows: how many rows are looked through for repeated events at a time: some 100 bytes of
  ///   ClickHouse's memory each.
  package init(_ connection: ClickHouseConnection, pieceRows: Int64 = 2_000_000) {
    self.connection = connection
    self.pieceRows = pieceRows
  }

  /// - Throws: `ClickHouseError` when a question cannot be asked.
  package func run() throws(ClickHouseError) -> AuditReport {
    var partitions: [PartitionAudit] = []
    let kept = try ask(Self.deadLettersKept).first?.first.flatMap { Int64($0) }
    for row in try ask(Self.ranges(deadLettersKept: kept)) where row.count == 14 {
      let numbers = row[2...].map { Int64($0) ?? 0 }
      partitions.append(
        PartitionAudit(
          partition: TopicPartition(topic: row[0], partition: Int32(row[1]) ?? -1), ranges: numbers[0],
          from: numbers[1], to: numbers[2], events: numbers[3], deadLetters: numbers[4], tombstones: numbers[5],
          missing: numbers[6], doubled: numbers[7], breaks: numbers[8], open: numbers[9], strays: 0,
          storedEvents: numbers[10], storedDeadLetters: numbers[11]))
    }
    let strays = try ask(Self.strays)
    for row in strays where row.count == 3 {
      let partition = TopicPartition(topic: row[0], partition: Int32(row[1]) ?? -1)
      let count = Int64(row[2]) ?? 0
      if let known = partitions.firstIndex(where: { $0.partition == partition }) {
        partitions[known].strays = count
      } else if count > 0 {
        var unknown = PartitionAudit(partition: partition)
        unknown.strays = count
        partitions.append(unknown)
      }
    }
    var rollups: [RollupAudit] = []
    for rollup in Rollup.all.map(RollupQuestion.init) {
      let raw = try ask(rollup.raw).first ?? []
      let rolled = try ask(rollup.rolled).first ?? []
      rollups.append(RollupAudit(name: rollup.name, measures: rollup.measures, raw: raw, rolled: rolled))
    }
    return AuditReport(partitions: partitions, rollups: rollups, repeated: try repeated())
  }

  private func repeated() throws(ClickHouseError) -> [String: Int64] {
    var events: [String: Int64] = [:]
    for piece in RepeatedEvents.pieces(of: try ask(RepeatedEvents.days), most: pieceRows) {
      for row in try ask(RepeatedEvents.question(piece)) where row.count == 2 {
        events[row[0], default: 0] += Int64(row[1]) ?? 0
      }
    }
    return events
  }

  private func ask(_ sql: String) throws(ClickHouseError) -> [[String]] {
    let bytes = try connection.execute(sql, settings: ["joined_subquery_requires_alias": "0"])
    return TextRow.rows(of: bytes).map(\.cells)
  }

  /// The first claim of each offset is the range.
  private static let winners = """
    (
      SELECT topic, kafka_partition, from_offset, to_offset, events, dead_letters, skipped, created_at
      FROM ranges WHERE NOT mark
      ORDER BY topic, kafka_partition, from_offset, _block_number
      LIMIT 1 BY topic, kafka_partition, from_offset
    )
    """

  private static let stored = """
    (
      SELECT s.topic AS topic, s.kafka_partition AS kafka_partition, w.from_offset AS from_offset,
        countIf(table = 'e') AS e, uniqExactIf(s.kafka_offset, table = 'e') AS distinct_e,
        countIf(table = 'd') AS d, uniqExactIf(s.kafka_offset, table = 'd') AS distinct_d,
        countIf(s.kafka_offset >= w.to_offset) AS outside
      FROM
      (
        SELECT toString(topic) AS topic, kafka_partition, kafka_offset, 'e' AS table FROM events
        UNION ALL
        SELECT toString(topic), kafka_partition, kafka_offset, 'd' FROM dead_letters
      ) AS s
      ASOF JOIN (SELECT toString(topic) AS topic, kafka_partition, from_offset, to_offset FROM \(winners)) AS w
        ON s.topic = w.topic AND s.kafka_partition = w.kafka_partition AND s.kafka_offset >= w.from_offset
      GROUP BY topic, kafka_partition, from_offset
    )
    """

  /// Seconds after which dead letters are dropped; empty when they are kept for ever.
  private static let deadLettersKept = """
    SELECT extract(create_table_query, 'TTL toDateTime[(]received_at[)] [+] toIntervalSecond[(]([0-9]+)[)]')
    FROM system.tables WHERE database = currentDatabase() AND name = 'dead_letters' FORMAT TabSeparated
    """

  /// One row a partition. A last range that is short is open, not lost: it is claimed, and being inserted or to be
  /// repeated by the next owner.
  private static func ranges(deadLettersKept: Int64?) -> String {
    // Dead letters older than their retention are not missed; an hour's grace, for TTL works as parts are merged.
    let promised =
      deadLettersKept.map { "if(created_at < now() - \($0 - 3600), least(dead_letters, d), dead_letters)" }
      ?? "dead_letters"
    return """
      SELECT topic, kafka_partition, count(), min(from_offset), max(to_offset), sum(events), sum(dead_letters),
        sum(skipped), sumIf(short, NOT (is_last AND short > 0)), sum(doubled), countIf(breaks),
        countIf(is_last AND short > 0), sum(e), sum(d)
      FROM
      (
        SELECT toString(w.topic) AS topic, w.kafka_partition AS kafka_partition, w.from_offset AS from_offset,
          to_offset, events, dead_letters, skipped, e, d, distinct_e,
          greatest(0, toInt64(events) - toInt64(distinct_e)) + greatest(0, toInt64(\(promised)) - toInt64(distinct_d)) AS short,
          toInt64(e) - toInt64(distinct_e) + toInt64(d) - toInt64(distinct_d)
            + greatest(0, toInt64(distinct_e) - toInt64(events)) + outside AS doubled,
          lagInFrame(to_offset, 1, from_offset) OVER chain != from_offset AS breaks,
          from_offset = max(from_offset) OVER (PARTITION BY topic, kafka_partition) AS is_last
        FROM \(winners) AS w
        LEFT JOIN \(stored) AS s
          ON toString(w.topic) = s.topic AND w.kafka_partition = s.kafka_partition AND w.from_offset = s.from_offset
        WINDOW chain AS (
          PARTITION BY topic, kafka_partition ORDER BY from_offset ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)
      )
      GROUP BY topic, kafka_partition ORDER BY topic, kafka_partition
      FORMAT TabSeparated
      """
  }

  /// Rows that no range claims: below the first, or in a partition without any.
  private static let strays = """
    SELECT s.topic, s.kafka_partition, countIf(w.ranges = 0 OR s.kafka_offset < w.first)
    FROM (SELECT toString(topic) AS topic, kafka_partition, kafka_offset FROM events) AS s
    LEFT JOIN
    (
      SELECT toString(topic) AS topic, kafka_partition, min(from_offset) AS first, count() AS ranges
      FROM ranges WHERE NOT mark GROUP BY topic, kafka_partition
    ) AS w ON s.topic = w.topic AND s.kafka_partition = w.kafka_partition
    GROUP BY s.topic, s.kafka_partition
    FORMAT TabSeparated
    """
}
