import EventSchema

extension FactTable {
  /// Every table there is, cheapest first; the last answers everything.
  package static let all: [FactTable] = [activityHourly, deckDaily, courseDaily, userDaily, events]

  /// Sums by hour of UTC, producer and type.
  package static let activityHourly = FactTable(
    name: "activity_hourly", grain: .hour, types: Set(EventType.allCases), columns: [.eventType, .producer]
  ) { rollup($0, $1, users: { "groupBitmapMergeIf(users, \($0))" }) }

  /// Sums by day of UTC, deck and type.
  package static let deckDaily = FactTable(
    name: "deck_daily", grain: .day, types: Set(QueryField.deckID.carriers), columns: [.eventType, .deckID]
  ) { rollup($0, $1, users: { "groupBitmapMergeIf(users, \($0))" }) }

  /// Sums by day of UTC, course and type.
  package static let courseDaily = FactTable(
    name: "course_daily", grain: .day, types: Set(QueryField.courseID.carriers), columns: [.eventType, .courseID]
  ) { rollup($0, $1, users: { "groupBitmapMergeIf(users, \($0))" }) }

  /// Sums by day of UTC, user and type.
  package static let userDaily = FactTable(
    name: "user_daily", grain: .day, types: Set(QueryField.userID.carriers), columns: [.eventType, .userID]
  ) { rollup($0, $1, users: { "uniqExactIf(user_id, \($0))" }) }

  private static func rollup(
    _ measure: Metric.Measure, _ types: [EventType], users: (String) -> String
  ) -> String? {
    let condition = TypeCondition.sql(types) ?? "1"
    switch measure {
    case .count: return "sumIf(events, \(condition))"
    case .distinctUsers: return users(condition)
    case .sum(let column): return sums[column].map { "sumIf(\($0), \(condition))" }
    case .mean(let column), .share(let column):
      return sums[column].map { "sumIf(\($0), \(condition)) / nullIf(sumIf(events, \(condition)), 0)" }
    }
  }

  /// Whole numbers only: a sum of scores or progress would depend on its order in the last digits, and an answer must not
  /// depend on the table it came from.
  private static let sums: [EventColumn: String] = [
    .completed: "completed", .durationSec: "study_seconds", .totalCardsSeen: "cards_seen",
    .learnedCards: "cards_learned", .correct: "correct", .answerTimeMs: "answer_ms",
  ]
}
