import EventSchema

/// The statements that find where a rollup differs from `events`, and that make it equal there.
///
/// A rollup holds sums of whole numbers and unions of users. What it lacks of a sum, or has too much, is the raw table's less its
/// own, modulo 2⁶⁴, in which its sums are taken; a union takes the raw table's users as they are.
struct RollupRepair {
  let rollup: Rollup

  /// The days (since 1970, UTC) on which it differs, of those in `days`.
  ///
  /// By a fingerprint that needs no memory for keys: the sum over the events of the hashes of their keys.
  func differing(in days: ClosedRange<Int>) -> String {
    """
    SELECT toInt32(of) FROM
    (
      SELECT toDate(occurred_at, 'UTC') AS of, sum(cityHash64(\(rollup.keys.map(\.raw).joined(separator: ", ")))) AS hash
      FROM events WHERE \(rollup.condition) AND \(Self.raw(days)) GROUP BY of
      UNION ALL
      SELECT toDate(\(time)) AS of, toUInt64(negate(sum(events * cityHash64(\(rollup.keyNames))))) AS hash
      FROM \(rollup.name) WHERE \(rolled(days)) GROUP BY of
    )
    GROUP BY of HAVING sum(hash) != 0 ORDER BY of
    """
  }

  /// Inserts what it lacks, or has too much, on these days.
  /// - Parameter condition: under which ClickHouse begins.
  func insert(on days: ClosedRange<Int>, where condition: String) -> String {
    let names = Rollup.sums.map(\.name)
    let users = rollup.hasUsers
    let keys = rollup.keys.map { $0.name == $0.raw ? $0.name : "\($0.raw) AS \($0.name)" }.joined(separator: ", ")
    let raw = Rollup.sums.map { "toInt64(\($0.raw)) AS d_\($0.name)" }.joined(separator: ", ")
    let own = names.map { "negate(toInt64(sum(\($0)))) AS d_\($0)" }.joined(separator: ", ")
    return """
      INSERT INTO \(rollup.name) (\(rollup.keyNames), \(names.joined(separator: ", "))\(users ? ", users" : ""))
      SELECT \(rollup.keyNames), \(names.map { "toUInt64(sum(d_\($0)))" }.joined(separator: ", "))\
      \(users ? ", groupBitmapMergeState(d_users)" : "")
      FROM
      (
        SELECT \(keys), \(raw)\(users ? ", groupBitmapState(events.user_id) AS d_users" : "")
        FROM events WHERE \(rollup.condition) AND \(Self.raw(days)) GROUP BY \(rollup.keyNames)
        UNION ALL
        SELECT \(rollup.keyNames), \(own)\(users ? ", groupBitmapMergeState(users) AS d_users" : "")
        FROM \(rollup.name) WHERE \(rolled(days)) GROUP BY \(rollup.keyNames)
      )
      WHERE \(condition) GROUP BY \(rollup.keyNames)
      HAVING \(names.map { "sum(d_\($0)) != 0" }.joined(separator: " OR "))
      """
  }

  private var time: String { rollup.keys[0].name }

  private func rolled(_ days: ClosedRange<Int>) -> String {
    "toDate(\(time)) BETWEEN toDate(\(days.lowerBound)) AND toDate(\(days.upperBound))"
  }

  private static func raw(_ days: ClosedRange<Int>) -> String {
    let begin = RangeInsert.time(Int64(days.lowerBound) * 86_400_000)
    let end = RangeInsert.time(Int64(days.upperBound + 1) * 86_400_000)
    return "occurred_at >= \(begin) AND occurred_at < \(end)"
  }
}
