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
        SELECT d0, m0 FROM (SELECT toDate(hour) AS d0, \
        sumIf(completed, event_type = 'learning_session_finished') \
        / nullIf(sumIf(events, event_type = 'learning_session_finished'), 0) AS m0 FROM activity_hourly \
        WHERE hour >= toDateTime({p1:DateTime64(3, 'UTC')}, 'UTC') AND hour < toDateTime({p2:DateTime64(3, 'UTC')}, 'UTC') \
        AND event_type = 'learning_session_finished' GROUP BY d0) ORDER BY d0 ASC NULLS LAST LIMIT 6
        """)
    #expect(
      plan.page.parameters == ["p1": "2026-11-01 00:00:00.000", "p2": "2026-12-01 00:00:00.000", "p3": "0"])
  }

  @Test func clocksAreBoundWithTheirChanges() throws {
    let plan = try plan(
      #"{"metrics":["events"],"date_range":["2026-10-01","2026-11-30"],"timezone":"Europe/Berlin","dimensions":["time:day"]}"#
    )
    #expect(
      plan.page.sql.contains(
        "toDate(toDateTime(toInt64(toUnixTimestamp(hour)) + if(toUnixTimestamp(hour) < {p5:UInt32}, {p3:Int32}, {p4:Int32}), 'UTC'))"
      ), "\(plan.page.sql)")
    let bound = ["p3", "p4", "p5"].map { plan.page.parameters[$0] }
    #expect(bound == ["7200", "3600", "1792890000"])
  }

  @Test(arguments: [
    #"["2000-01-01","2000-12-31"],"include":{"compare":"previous_year"}"#,
    #"["2000-02-29","2000-02-29"],"include":{"compare":"previous_year"}"#,
    #"["2000-01-01","2000-01-01"],"include":{"compare":"previous_period"}"#,
    #"["2050-01-01","2105-12-31"],"include":{"compare":"previous_period"}"#,
  ])
  func refusesToCompareWithTimesNoEventCanBeOf(range: String) throws {
    let problem = #expect(throws: QueryProblem.self) { try plan(#"{"metrics":["events"],"date_range":\#(range)}"#) }
    #expect(problem?.path == "include.compare" && problem?.code == "invalid_value")
  }

  @Test func comparesAllWithTheNothingBefore() throws {
    let query = try QueryReader.read(
      Array(#"{"metrics":["events"],"date_range":"all","include":{"compare":"previous_period"}}"#.utf8))
    let plan = try Planner().plan(query, now: now, firstEvent: Instant(seconds: 978_307_200))
    #expect(plan.page.parameters.values.count { $0 == "1999-12-31 00:00:00.000" } == 1)
    #expect(plan.comparisonSpan?.firstDate == CivilDate("1975-02-10"))
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
