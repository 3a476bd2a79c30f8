/// A rollup: the table of sums that a materialized view keeps of `events`, cut along some keys.
///
/// The migrations make it; this says what it must hold, so that it can be compared with the raw table and made equal to it.
public struct Rollup: Sendable {
  /// A column, and the expression over `events` that it holds.
  public typealias Column = (name: String, raw: String)

  /// The table's name.
  public let name: String
  /// What a row stands for; the first is its time.
  public let keys: [Column]
  /// Whether `users` holds the bitmap of those whose events the row counts.
  public let hasUsers: Bool
  /// The types it holds: those that carry this column; nil for all.
  private let carried: EventColumn?

  /// Sums of whole numbers, in every rollup.
  public static let sums: [Column] = [
    ("events", "count()"), ("completed", "sum(events.completed)"), ("study_seconds", "sum(events.duration_sec)"),
    ("cards_seen", "sum(events.total_cards_seen)"), ("cards_learned", "sum(events.learned_cards)"),
    ("correct", "sum(events.correct)"), ("answer_ms", "sum(events.answer_time_ms)"),
  ]

  /// All that the collector's INSERTs reach.
  public static let all = [
    Rollup(
      name: "activity_hourly",
      keys: [
        ("hour", "toStartOfHour(toDateTime(occurred_at, 'UTC'))"), ("event_type", "event_type"),
        ("producer", "producer"),
      ],
      hasUsers: true, carried: nil),
    Rollup(
      name: "user_daily", keys: [day, ("user_id", "user_id"), ("event_type", "event_type")], hasUsers: false,
      carried: .userID),
    Rollup(
      name: "deck_daily", keys: [day, ("deck_id", "deck_id"), ("event_type", "event_type")], hasUsers: true,
      carried: .deckID),
    Rollup(
      name: "course_daily", keys: [day, ("course_id", "course_id"), ("event_type", "event_type")], hasUsers: true,
      carried: .courseID),
  ]

  private static let day: Column = ("day", "toDate(occurred_at, 'UTC')")

  /// The view that fills it.
  public var view: String { "\(name)_view" }

  /// The keys' names, as they stand in a `GROUP BY`.
  public var keyNames: String { keys.map(\.name).joined(separator: ", ") }

  /// The condition on `events` by which the view takes a row.
  public var condition: String {
    guard let carried else { return "1" }
    let names = Catalogue.v1.events.filter { $0.payload.contains { $0.column == carried } }.map { "'\($0.type.name)'" }
    return "event_type IN (\(names.joined(separator: ", ")))"
  }
}
