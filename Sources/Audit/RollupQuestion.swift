import EventSchema

/// A rollup and the same sums of the raw table, each as one row.
struct RollupQuestion {
  let name: String
  let measures: [String]
  let raw: String
  let rolled: String

  private static let sums: [(name: String, raw: String)] = [
    ("events", "count()"), ("completed", "sum(completed)"), ("study_seconds", "sum(duration_sec)"),
    ("cards_seen", "sum(total_cards_seen)"), ("cards_learned", "sum(learned_cards)"), ("correct", "sum(correct)"),
    ("answer_ms", "sum(answer_time_ms)"),
  ]

  private init(_ name: String, keys: String, hashed: String, users: Bool, where condition: String) {
    self.name = name
    // The hash of each row's keys and count, summed, tells rows apart that the sums alone would not.
    measures = Self.sums.map(\.name) + ["rows by key"] + (users ? ["users by key"] : [])
    let inner = Self.sums.map { "\($0.raw) AS m_\($0.name)" }.joined(separator: ", ")
    let outer = Self.sums.map { "sum(m_\($0.name))" }.joined(separator: ", ")
    let rolled = Self.sums.map { "sum(\($0.name)) AS m_\($0.name)" }.joined(separator: ", ")
    let check = "sum(cityHash64(\(hashed), m_events))" + (users ? ", sum(cityHash64(\(hashed), m_users))" : "")
    raw = """
      SELECT \(outer), \(check) FROM
      (SELECT \(keys), \(inner)\(users ? ", uniqExact(user_id) AS m_users" : "") FROM events \(condition) GROUP BY \(hashed))
      FORMAT TabSeparated
      """
    self.rolled = """
      SELECT \(outer), \(check) FROM
      (SELECT \(hashed), \(rolled)\(users ? ", groupBitmapMerge(users) AS m_users" : "") FROM \(name) GROUP BY \(hashed))
      FORMAT TabSeparated
      """
  }

  /// The types that carry a column: the rollups by it hold these and no others.
  private static func types(carrying column: EventColumn) -> String {
    let names = Catalogue.v1.events.filter { $0.payload.contains { $0.column == column } }.map { "'\($0.type.name)'" }
    return "WHERE event_type IN (\(names.joined(separator: ", ")))"
  }

  static let all = [
    RollupQuestion(
      "activity_hourly", keys: "toStartOfHour(toDateTime(occurred_at, 'UTC')) AS hour, event_type, producer",
      hashed: "hour, event_type, producer", users: true, where: ""),
    RollupQuestion(
      "user_daily", keys: "toDate(occurred_at, 'UTC') AS day, user_id, event_type", hashed: "day, user_id, event_type",
      users: false, where: types(carrying: .userID)),
    RollupQuestion(
      "deck_daily", keys: "toDate(occurred_at, 'UTC') AS day, deck_id, event_type", hashed: "day, deck_id, event_type",
      users: true, where: types(carrying: .deckID)),
    RollupQuestion(
      "course_daily", keys: "toDate(occurred_at, 'UTC') AS day, course_id, event_type",
      hashed: "day, course_id, event_type", users: true, where: types(carrying: .courseID)),
  ]
}
