import Analytics
import CivilTime
import EventSchema
import Testing

@Suite struct PlannerTests {
  private let now = Instant(milliseconds: 1_795_386_600_000)

  private func plan(_ text: String) throws -> Plan {
    try Planner().plan(try QueryReader.read(Array(text.utf8)), now: now, firstEvent: nil)
  }

  @Test(arguments: [
    (#"{"metrics":["active_users","answers"],"date_range":"30d","dimensions":["time:day"]}"#, "activity_hourly"),
    (
      #"{"metrics":["events"],"date_range":"7d","dimensions":["time:hour","producer"],"timezone":"Europe/Moscow"}"#,
      "activity_hourly"
    ),
    (#"{"metrics":["events"],"date_range":"7d","timezone":"Asia/Kathmandu"}"#, "events"),
    (#"{"metrics":["events"],"date_range":["2026-11-01T00:30","2026-11-02"]}"#, "events"),
    (#"{"metrics":["sessions_finished"],"date_range":"7d","dimensions":["deck_id"]}"#, "deck_daily"),
    (
      #"{"metrics":["sessions_finished"],"date_range":"7d","dimensions":["deck_id"],"timezone":"Europe/Moscow"}"#,
      "events"
    ),
    (
      #"{"metrics":["events"],"date_range":"7d","filters":[["is","deck_id",[3]]],"dimensions":["time:week"]}"#,
      "deck_daily"
    ),
    (#"{"metrics":["events"],"date_range":"7d","filters":[["is_not","deck_id",[3]]]}"#, "events"),
    (#"{"metrics":["enrollments"],"date_range":"7d","dimensions":["course_id","time:month"]}"#, "course_daily"),
    (#"{"metrics":["avg_progress"],"date_range":"7d","dimensions":["course_id"]}"#, "events"),
    (#"{"metrics":["active_users"],"date_range":"7d","filters":[["is","user_id",[3]]]}"#, "user_daily"),
    (#"{"metrics":["answers"],"date_range":"7d","dimensions":["time:hour","user_id"]}"#, "events"),
    (#"{"metrics":["answers"],"date_range":"7d","dimensions":["card_id"]}"#, "events"),
    (#"{"metrics":["events"],"date_range":"7d","dimensions":["deck_id"],"include":{"totals":true}}"#, "events"),
  ])
  func takesTheCheapestTableThatIsExact(query: String, table: String) throws {
    #expect(try plan(query).table == table)
  }

  @Test func valuesNeverEnterTheText() throws {
    let hostile = "x'); DROP TABLE events; --"
    let plan = try plan(
      #"{"metrics":["answers"],"date_range":["2026-11-01","2026-11-30"],"timezone":"Europe/Berlin","dimensions":["time:hour"],"filters":[["is","producer",["\#(hostile)"]],["gt","duration_sec",4711],["is","deck_id",[4712]]],"include":{"compare":"previous_year","fill":true,"totals":true}}"#
    )
    for statement in [plan.page, try #require(plan.totals)] {
      for text in [hostile, "DROP", "4711", "4712", "Berlin", "2026"] { #expect(!statement.sql.contains(text)) }
      #expect(statement.parameters.values.contains("['x\\'); DROP TABLE events; --']"))
    }
  }

  @Test func writesPlainSQL() throws {
    let plan = try plan(
      #"{"metrics":["completion_rate"],"date_range":["2026-11-01","2026-11-30"],"dimensions":["time:day"],"limit":5}"#)
    #expect(
      plan.page.sql == """
        SELECT d0, m0 FROM (SELECT toDate(hour, {p3:String}) AS d0, \
        sumIf(completed, event_type = 'learning_session_finished') \
        / nullIf(sumIf(events, event_type = 'learning_session_finished'), 0) AS m0 FROM activity_hourly \
        WHERE hour >= toDateTime({p1:DateTime64(3, 'UTC')}, 'UTC') AND hour < toDateTime({p2:DateTime64(3, 'UTC')}, 'UTC') \
        AND event_type = 'learning_session_finished' GROUP BY d0) ORDER BY d0 ASC NULLS LAST LIMIT 6
        """)
    #expect(
      plan.page.parameters == ["p1": "2026-11-01 00:00:00.000", "p2": "2026-12-01 00:00:00.000", "p3": "UTC"])
  }

  @Test func warnsOfMetricsADimensionEmpties() throws {
    let warnings = try plan(#"{"metrics":["answers","enrollments"],"date_range":"7d","dimensions":["course_id"]}"#)
      .warnings
    #expect(warnings == ["answers counts events that have no course_id, so it is 0 in every row."])
  }

  @Test func refusesMorePeriodsThanItFills() {
    #expect(throws: QueryProblem.self) {
      try plan(
        #"{"metrics":["events"],"date_range":["2000-01-01","2026-01-01"],"dimensions":["time:hour"],"include":{"fill":true}}"#
      )
    }
  }

  @Test func refusesCursorsOfOtherQueries() throws {
    let query = #"{"metrics":["answers"],"date_range":["2026-11-01","2026-11-30"],"dimensions":["deck_id"],"limit":2"#
    let read = try QueryReader.read(Array((query + "}").utf8))
    let cursor = Cursor.write(values: [.number("7"), .number("3")], query: read, span: try plan(query + "}").span)
    let next = try plan(query + #","cursor":"\#(cursor)"}"#)
    #expect(next.page.sql.contains("WHERE (m0 < {p") && next.page.parameters.values.contains("7"))
    #expect(throws: QueryProblem.self) {
      try plan(query.replacing("answers", with: "tests") + #","cursor":"\#(cursor)"}"#)
    }
    #expect(throws: QueryProblem.self) { try plan(query + #","cursor":"rubbish"}"#) }
  }
}
