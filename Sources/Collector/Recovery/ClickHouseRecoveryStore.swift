import ClickHouse
import EventSchema

/// The table `recoveries`, and what a recovery does to the rollups.
///
/// Confined to one thread, as its connection is.
package final class ClickHouseRecoveryStore: RecoveryStore {
  private let connection: ClickHouseConnection

  /// What the process list shows of a recovery's statements; a range's begin with `collector ` too.
  private static let comment = "collector recovery"
  /// As long a claim counts as live without a statement.
  private static let youngMs = 2_000
  /// So many days at most are asked about, and repaired, by one statement, so that none runs long.
  private static let daysAsked = 366
  private static let daysRepaired = 31
  /// Memory for a repair's keys; what exceeds it goes to ClickHouse's disk.
  private static let groupingBytes = 512 << 20

  package init(_ connection: ClickHouseConnection) { self.connection = connection }

  package func state() throws(StepFailure) -> RecoveryState {
    let rows = try rows(
      """
      SELECT max(incarnation), max((number, recoverer)) AS claim, claim.1, claim.2,
        dateDiff('millisecond', max(created_at), now64(3)),
        (
          SELECT count() FROM system.processes
          WHERE user = currentUser() AND current_database = currentDatabase() AND Settings['log_comment'] = '\(Self.comment)'
        )
      FROM recoveries
      """)
    guard let row = rows.first else { throw .clickHouse(.protocolViolation("no answer about recoveries")) }
    do {
      if let incarnation = Incarnation(column: try row.value(0)) { return .done(incarnation) }
      let number: UInt64 = try row.value(2)
      guard number > 0 else { return .open(claim: nil, isLive: false) }
      let (ageMs, statements): (Int, Int) = (try row.value(4), try row.value(5))
      return .open(
        claim: RecoveryClaim(number: number, recoverer: try row.value(3)),
        isLive: ageMs < Self.youngMs || statements > 0)
    } catch { throw .clickHouse(error) }
  }

  package func claim(_ claim: RecoveryClaim) throws(StepFailure) {
    try write(claim, incarnation: Incarnation.none, where: Self.isUnnamed)
  }

  package func finish(_ claim: RecoveryClaim, as incarnation: Incarnation) throws(StepFailure) {
    try write(claim, incarnation: incarnation.description, where: Self.counts(claim))
  }

  private func write(_ claim: RecoveryClaim, incarnation: String, where condition: String) throws(StepFailure) {
    try run(
      """
      INSERT INTO recoveries (number, recoverer, incarnation)
      SELECT \(claim.number), toUUID('\(claim.recoverer)'), toUUID('\(incarnation)') WHERE \(condition)
      """)
  }

  package func endStatements() throws(StepFailure) -> Int {
    try rows(
      """
      KILL QUERY WHERE user = currentUser() AND current_database = currentDatabase()
        AND startsWith(Settings['log_comment'], 'collector ')
      ASYNC
      """
    ).count
  }

  package func repairRollups(_ claim: RecoveryClaim) throws(StepFailure) -> Int? {
    let spans = try spans()
    var repaired = 0
    for repair in Rollup.all.map(RollupRepair.init) {
      for span in spans {
        let days = try differing(repair, in: span)
        for days in Self.pieces(days) {
          guard try insert(repair, on: days, claim) else { return nil }
        }
        repaired += days.count
        if !days.isEmpty, try !differing(repair, in: span).isEmpty {
          // Somebody else inserts, whom no lease holds back.
          throw .clickHouse(.interrupted("\(repair.rollup.name) differs from events again as soon as it is repaired"))
        }
      }
    }
    return repaired
  }

  /// The days on which a range may be half in, in pieces that one statement can look through.
  ///
  /// Each partition's last range says its own; of those that an older version claimed, which does not tell, those of the rows that
  /// are there.
  private func spans() throws(StepFailure) -> [ClosedRange<Int>] {
    let last = """
      (
        SELECT topic, kafka_partition, max(from_offset) AS last_offset FROM ranges GROUP BY topic, kafka_partition
      )
      """
    let told = try rows(
      """
      SELECT DISTINCT toInt32(first_day), toInt32(last_day)
      FROM ranges INNER JOIN \(last) AS last USING (topic, kafka_partition)
      WHERE from_offset = last_offset AND protocol >= 2 AND first_day <= last_day
      """)
    // Since a row names a run, all that was claimed before is recovered.
    let found = try rows(
      """
      SELECT toInt32(toDate(min(occurred_at), 'UTC')), toInt32(toDate(max(occurred_at), 'UTC'))
      FROM events INNER JOIN
      (
        SELECT toString(topic) AS topic, kafka_partition, any(last_offset) AS first, max(to_offset) AS end
        FROM ranges INNER JOIN \(last) AS last USING (topic, kafka_partition)
        WHERE from_offset = last_offset AND (SELECT max(incarnation) FROM ranges) = toUUID('\(Incarnation.none)')
        GROUP BY topic, kafka_partition
      ) AS claimed ON toString(events.topic) = claimed.topic AND events.kafka_partition = claimed.kafka_partition
      WHERE kafka_offset >= first AND kafka_offset < end
      GROUP BY claimed.topic, claimed.kafka_partition
      """)
    var spans: [ClosedRange<Int>] = []
    do {
      for row in told + found {
        let (first, last): (Int, Int) = (try row.value(0), try row.value(1))
        if first <= last { spans.append(first...last) }
      }
    } catch { throw .clickHouse(error) }
    return Self.merged(spans, longest: Self.daysAsked)
  }

  private func differing(_ repair: RollupRepair, in span: ClosedRange<Int>) throws(StepFailure) -> [Int] {
    let rows = try rows(repair.differing(in: span))
    do throws(ClickHouseError) {
      return try rows.map { row throws(ClickHouseError) in try row.value(0) }
    } catch { throw .clickHouse(error) }
  }

  /// - Returns: false when the claim does not count any more.
  private func insert(
    _ repair: RollupRepair, on days: ClosedRange<Int>, _ claim: RecoveryClaim
  ) throws(StepFailure) -> Bool {
    let condition = "throwIf(NOT (\(Self.counts(claim))), 'another recovers') = 0"
    do throws(ClickHouseError) {
      _ = try connection.execute(
        repair.insert(on: days, where: condition),
        settings: Self.settings.merging([
          // The same difference twice in a table's life is no repetition.
          "insert_deduplicate": "0", "async_insert": "0", "max_partitions_per_insert_block": "0",
          "throw_on_max_partitions_per_insert_block": "0",
          // However many keys a day has.
          "max_bytes_before_external_group_by": "\(Self.groupingBytes)",
        ]) { $1 })
      return true
    } catch {
      if RangeInsert.isRefused(error) { return false }
      throw .clickHouse(error)
    }
  }

  private static func counts(_ claim: RecoveryClaim) -> String {
    """
    (SELECT max((number, recoverer)) FROM recoveries) = (toUInt64(\(claim.number)), toUUID('\(claim.recoverer)'))
    AND \(isUnnamed)
    """
  }

  private static let isUnnamed = "(SELECT max(incarnation) FROM recoveries) = toUUID('\(Incarnation.none)')"

  private static let settings = ["log_comment": comment, "use_query_condition_cache": "0"]

  private func run(_ sql: String) throws(StepFailure) {
    do { _ = try connection.execute(sql, settings: Self.settings) } catch { throw .clickHouse(error) }
  }

  private func rows(_ sql: String) throws(StepFailure) -> [TextRow] {
    do {
      return TextRow.rows(
        of: try connection.execute("\(sql) FORMAT TabSeparated", settings: ["use_query_condition_cache": "0"]))
    } catch { throw .clickHouse(error) }
  }

  /// Spans that do not overlap, in order, none longer than that.
  static func merged(_ spans: [ClosedRange<Int>], longest: Int) -> [ClosedRange<Int>] {
    var merged: [ClosedRange<Int>] = []
    for span in spans.sorted(by: { $0.lowerBound < $1.lowerBound }) {
      if let last = merged.last, span.lowerBound <= last.upperBound + 1 {
        merged[merged.count - 1] = last.lowerBound...max(last.upperBound, span.upperBound)
      } else {
        merged.append(span)
      }
    }
    return merged.flatMap { span in
      stride(from: span.lowerBound, through: span.upperBound, by: longest).map {
        $0...min($0 + longest - 1, span.upperBound)
      }
    }
  }

  /// Days in a row, together.
  static func pieces(_ days: [Int]) -> [ClosedRange<Int>] { merged(days.map { $0...$0 }, longest: daysRepaired) }
}
