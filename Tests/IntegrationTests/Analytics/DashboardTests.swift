import Analytics
import Foundation
import Testing

/// The page itself, in a real browser, against SQL's answers to the same questions.
@Suite struct DashboardTests {
  @Test(.timeLimit(.minutes(2))) func showsWhatSQLSays() async throws {
    let bench = try await AnalyticsBench()
    try await bench.insertRandom(4_000)
    let period = "WHERE toDate(occurred_at, 'Europe/Berlin') BETWEEN '2026-10-20' AND '2026-11-18'"
    let learning = "('learning_session_started', 'learning_session_finished', 'card_answered', 'test_completed')"
    let totals = try await bench.rows(
      """
      SELECT uniqExactIf(user_id, event_type IN \(learning)), countIf(event_type = 'learning_session_finished'),
        avgIf(completed, event_type = 'learning_session_finished'), sum(duration_sec), sum(learned_cards),
        avgIf(correct, event_type = 'card_answered'), countIf(event_type = 'user_registered'),
        countIf(event_type = 'course_enrolled') FROM events \(period)
      """)[0]
    let decks = try await bench.rows(
      """
      SELECT deck_id, uniqExact(user_id) AS users FROM events \(period) AND event_type IN \(learning)
      GROUP BY deck_id ORDER BY users DESC, deck_id LIMIT 10
      """)
    let courses = try await bench.rows(
      """
      SELECT course_id, countIf(event_type = 'course_enrolled') AS enrolled FROM events \(period) AND course_id > 0
      GROUP BY course_id ORDER BY enrolled DESC, course_id LIMIT 10
      """)
    try await LiveAnalytics.serve(bench) { live in
      let page = try await Browser.page(
        "http://127.0.0.1:\(live.port)/?from=2026-10-20&to=2026-11-18&timezone=Europe/Berlin#key=\(LiveAnalytics.key)")
      let names = [
        "active_users", "sessions_finished", "completion_rate", "study_seconds", "cards_learned", "correct_rate",
        "registrations", "enrollments",
      ]
      let tiles = page.matches(of: /class="tile-value" data-metric="(\w+)" data-value="([0-9.e-]*)"/)
      #expect(tiles.map { String($0.1) } == names, "\(page.prefix(3000))")
      for (tile, expected) in zip(tiles, totals) {
        let (shown, wanted) = (Double(tile.2) ?? -1, Double(expected) ?? -2)
        #expect(abs(shown - wanted) < 1e-9 * max(1, abs(wanted)), "\(tile.1): \(shown) and not \(wanted)")
      }
      #expect(page.contains(">\(Self.grouped(totals[1]))</span>"))
      let rows = page.matches(of: /<tr data-id="(\d+)">.*?data-metric="(\w+)" data-value="([0-9.]*)"/)
      let shownDecks = rows.filter { $0.2 == "active_users" }.map { [String($0.1), String($0.3)] }
      let shownCourses = rows.filter { $0.2 == "enrollments" }.map { [String($0.1), String($0.3)] }
      #expect(shownDecks == decks && shownCourses == courses)
      #expect(page.contains("20 October 2026 – 18 November 2026") && page.contains("Data as of"))
      #expect(page.contains("class=\"series-line\"") && page.contains("data-state=\"ready\""))
    }
  }

  @Test(.timeLimit(.minutes(2))) func saysWhenThereIsNothingToShow() async throws {
    let bench = try await AnalyticsBench()
    try await LiveAnalytics.serve(bench) { live in
      let page = try await Browser.page("http://127.0.0.1:\(live.port)/")
      #expect(page.contains("No event has arrived yet.") && page.contains("Nothing happened in these dates."))
      let wrong = try await Browser.page("http://127.0.0.1:\(live.port)/#key=not-a-key-at-all")
      #expect(wrong.contains("<dialog id=\"key-dialog\" aria-labelledby=\"key-title\" open"))
    }
  }

  private static func grouped(_ digits: String) -> String {
    var text = ""
    for (index, digit) in digits.enumerated() {
      if index > 0, (digits.count - index).isMultiple(of: 3) { text += "," }
      text.append(digit)
    }
    return text
  }
}
