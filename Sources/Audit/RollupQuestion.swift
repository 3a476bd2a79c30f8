import EventSchema

/// A rollup and the same sums of the raw table, each as one row.
struct RollupQuestion {
  let name: String
  let measures: [String]
  let raw: String
  let rolled: String

  init(_ rollup: Rollup) {
    name = rollup.name
    // The hash of each row's keys and count, summed, tells rows apart that the sums alone would not.
    measures = Rollup.sums.map(\.name) + ["rows by key"] + (rollup.hasUsers ? ["users by key"] : [])
    let outer = Rollup.sums.map { "sum(m_\($0.name))" }.joined(separator: ", ")
    let check =
      "sum(cityHash64(\(rollup.keyNames), m_events))"
      + (rollup.hasUsers ? ", sum(cityHash64(\(rollup.keyNames), m_users))" : "")
    let keys = rollup.keys.map { $0.name == $0.raw ? $0.name : "\($0.raw) AS \($0.name)" }.joined(separator: ", ")
    let inner = Rollup.sums.map { "\($0.raw) AS m_\($0.name)" }.joined(separator: ", ")
    raw = """
      SELECT \(outer), \(check) FROM
      (
        SELECT \(keys), \(inner)\(rollup.hasUsers ? ", uniqExact(user_id) AS m_users" : "")
        FROM events WHERE \(rollup.condition) GROUP BY \(rollup.keyNames)
      )
      FORMAT TabSeparated
      """
    let rolled = Rollup.sums.map { "sum(\($0.name)) AS m_\($0.name)" }.joined(separator: ", ")
    self.rolled = """
      SELECT \(outer), \(check) FROM
      (
        SELECT \(rollup.keyNames), \(rolled)\(rollup.hasUsers ? ", groupBitmapMerge(users) AS m_users" : "")
        FROM \(rollup.name) GROUP BY \(rollup.keyNames)
      )
      FORMAT TabSeparated
      """
  }
}
