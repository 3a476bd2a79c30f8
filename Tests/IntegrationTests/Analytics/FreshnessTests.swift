import Analytics
import ClickHouse
import Foundation
import Testing

/// An answer tells what is there now, whatever was asked before.
@Suite struct FreshnessTests {
  /// ClickHouse 25.5 remembers which rows a condition matched, and takes `user_id IN (SELECT …)` for the same condition
  /// when the inner answer has changed, where the condition is part of an `or`: a user for whom
  /// use_query_condition_cache is 1, the server's default, is answered 3 the second time.
  @Test(arguments: [
    #"["has_done",["is","deck_id",[4]]]"#, #"["or",[["has_done",["is","deck_id",[4]]],["is","deck_id",[99]]]]"#,
  ]) func hasDoneSeesWhatWasDoneSinceItWasAskedLast(filter: String) async throws {
    let query = #"{"metrics":["logins"],"date_range":["2026-11-01","2026-11-30"],"filters":[\#(filter)]}"#
    let bench = try await AnalyticsBench()
    func logIns(_ users: ClosedRange<Int>) async throws {
      try await bench.rows(
        """
        INSERT INTO events (event_type, occurred_at, user_id)
        SELECT 'user_logged_in', '2026-11-02 00:00:00', number FROM numbers(\(users.lowerBound), \(users.count))
        """)
    }
    func studies(_ users: ClosedRange<Int>) async throws {
      try await bench.rows(
        """
        INSERT INTO events (event_type, occurred_at, user_id, deck_id)
        SELECT 'card_answered', '2026-11-03 00:00:00', number, 4 FROM numbers(\(users.lowerBound), \(users.count))
        """)
    }
    // Each in a part of its own: what is remembered is which parts' rows matched.
    try await logIns(1...3)
    try await logIns(4...6)
    try await studies(1...3)
    for _ in 0..<2 { #expect(try await bench.table(query, tables: [.events]) == ["3"]) }
    try await studies(4...6)
    #expect(try await bench.table(query, tables: [.events]) == ["6"])
  }

  @Test func theUsersAnswerWithoutTheConditionCache() async throws {
    let known = try await AnalyticsBench().rows(
      "SELECT count() FROM system.settings WHERE name = 'use_query_condition_cache'")
    guard known == [["1"]] else { return }
    for role in ["READER", "WRITER"] {
      let connection = ClickHouseConnection(try MigrationBench.user(role, database: ""))
      #expect(try connection.text("SELECT toString(getSetting('use_query_condition_cache'))") == "false\n", "\(role)")
    }
  }
}
