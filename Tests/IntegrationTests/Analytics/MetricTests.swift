import Analytics
import Testing

/// Numbers worked out by hand over a few events.
@Suite struct MetricTests {
  private func bench() async throws -> AnalyticsBench {
    let bench = try await AnalyticsBench()
    try await bench.insert([
      ("user_registered", "2026-11-02 08:00:00.000", ["user_id": "1"]),
      ("user_registered", "2026-11-03 08:00:00.000", ["user_id": "2"]),
      ("user_logged_in", "2026-11-03 08:01:00.000", ["user_id": "1"]),
      ("learning_session_started", "2026-11-02 09:00:00.000", ["user_id": "1", "deck_id": "17", "session_id": "5"]),
      (
        "learning_session_finished", "2026-11-02 09:10:00.000",
        [
          "user_id": "1", "deck_id": "17", "duration_sec": "600", "total_cards_seen": "20", "learned_cards": "5",
          "completed": "true",
        ]
      ),
      (
        "learning_session_finished", "2026-11-03 09:10:00.000",
        [
          "user_id": "2", "deck_id": "18", "duration_sec": "300", "total_cards_seen": "9", "learned_cards": "2",
          "completed": "false",
        ]
      ),
      (
        "learning_session_finished", "2026-11-03 23:59:59.999",
        [
          "user_id": "1", "deck_id": "17", "duration_sec": "100", "total_cards_seen": "1", "learned_cards": "0",
          "completed": "true",
        ]
      ),
      (
        "card_answered", "2026-11-02 09:01:00.000",
        ["user_id": "1", "deck_id": "17", "card_id": "1", "correct": "true", "answer_time_ms": "1000"]
      ),
      (
        "card_answered", "2026-11-02 09:02:00.000",
        ["user_id": "1", "deck_id": "17", "card_id": "2", "correct": "false", "answer_time_ms": "4000"]
      ),
      (
        "card_answered", "2026-11-03 09:02:00.000",
        ["user_id": "3", "deck_id": "0", "card_id": "2", "correct": "true", "answer_time_ms": "1000"]
      ),
      ("test_completed", "2026-11-03 10:00:00.000", ["user_id": "3", "deck_id": "18", "correct_rate": "0.25"]),
      ("test_completed", "2026-11-03 11:00:00.000", ["user_id": "3", "deck_id": "18", "correct_rate": "0.75"]),
      ("course_enrolled", "2026-11-02 07:00:00.000", ["user_id": "1", "course_id": "4"]),
      ("course_enrolled", "2026-11-02 07:00:00.000", ["user_id": "9", "course_id": "4"]),
      ("course_unenrolled", "2026-11-03 07:00:00.000", ["user_id": "9", "course_id": "4"]),
      (
        "course_progress_updated", "2026-11-03 07:00:00.000",
        ["user_id": "1", "course_id": "4", "deck_id": "17", "progress_percent": "12.5"]
      ),
      (
        "course_progress_updated", "2026-11-03 07:30:00.000",
        ["user_id": "1", "course_id": "4", "deck_id": "17", "progress_percent": "100"]
      ),
      ("course_completed", "2026-11-03 07:30:00.000", ["user_id": "1", "course_id": "4"]),
      ("course_created", "2026-11-01 07:00:00.000", ["author_id": "8", "course_id": "4"]),
      ("deck_created", "2026-11-01 07:00:00.000", ["author_id": "8", "deck_id": "17"]),
      ("card_created", "2026-11-01 07:00:00.000", ["card_id": "1", "deck_id": "17"]),
    ])
    return bench
  }

  @Test func everyMetricIsWhatItsDefinitionSays() async throws {
    let bench = try await bench()
    let expected: [Metric: String] = [
      .events: "21", .activeUsers: "3", .registrations: "2", .logins: "1", .sessionsStarted: "1",
      .sessionsFinished: "3", .completionRate: "0.6666666666666666", .studySeconds: "1000",
      .avgSessionSeconds: "333.3333333333333", .cardsSeen: "30", .cardsLearned: "7", .answers: "3",
      .correctRate: "0.6666666666666666", .avgAnswerMs: "2000", .tests: "2", .avgScore: "0.5", .enrollments: "2",
      .unenrollments: "1", .completions: "1", .avgProgress: "56.25", .coursesCreated: "1", .decksCreated: "1",
      .cardsCreated: "1",
    ]
    for tables in [FactTable.all, [.events]] {
      for metric in Metric.allCases {
        let wanted = try #require(expected[metric])
        let query = #"{"metrics":["\#(metric.rawValue)"],"date_range":["2026-11-01","2026-11-03"]}"#
        #expect(try await bench.table(query, tables: tables) == [wanted], "\(metric)")
        let never = #"{"metrics":["\#(metric.rawValue)"],"date_range":["2024-11-01","2024-11-03"]}"#
        #expect(try await bench.table(never, tables: tables) == [metric.isNullWhenEmpty ? "null" : "0"], "\(metric)")
      }
    }
  }

  @Test func aRangeHoldsBothItsDays() async throws {
    let bench = try await bench()
    let query = #"{"metrics":["sessions_finished"],"date_range":["2026-11-02","2026-11-03"],"dimensions":["time:day"]}"#
    #expect(try await bench.table(query) == ["2026-11-02 1", "2026-11-03 2"])
  }

  @Test func totalsCountUsersOnce() async throws {
    let bench = try await bench()
    let answer = try await bench.answer(
      #"{"metrics":["active_users"],"date_range":["2026-11-01","2026-11-30"],"dimensions":["time:day"],"include":{"totals":true}}"#
    )
    #expect(answer.rows.map(AnalyticsBench.text) == ["2026-11-02 1", "2026-11-03 3"])
    #expect(answer.totals?.metrics == [.number("3")])
  }

  @Test func fillAndComparisonGiveEveryPeriodARow() async throws {
    let bench = try await bench()
    let query =
      #"{"metrics":["answers","correct_rate"],"date_range":["2026-11-03","2026-11-04"],"dimensions":["time:day"],"include":{"fill":true,"compare":"previous_period"}}"#
    #expect(try await bench.table(query) == ["2026-11-03 1 1 0 null", "2026-11-04 0 null 2 0.5"])
    let weeks =
      #"{"metrics":["answers"],"date_range":["2026-11-01","2026-11-10"],"dimensions":["time:week"],"include":{"fill":true}}"#
    #expect(try await bench.table(weeks) == ["2026-10-26 0", "2026-11-02 3", "2026-11-09 0"])
    let months =
      #"{"metrics":["answers"],"date_range":["2026-10-15","2026-12-02"],"dimensions":["time:month"],"include":{"fill":true}}"#
    #expect(try await bench.table(months) == ["2026-10-01 0", "2026-11-01 3", "2026-12-01 0"])
  }

  @Test func filtersMeanWhatTheySay() async throws {
    let bench = try await bench()
    func count(_ filters: String, metric: String = "events") async throws -> String? {
      try await bench.table(
        #"{"metrics":["\#(metric)"],"date_range":["2026-11-01","2026-11-03"],"filters":\#(filters)}"#
      ).first
    }
    #expect(try await count(#"[["is","deck_id",[17]]]"#) == "9")
    // Deck 0 is a deck of its own; events without any deck are not its.
    #expect(try await count(#"[["is","deck_id",[0]]]"#) == "1")
    #expect(try await count(#"[["is_not","deck_id",[17]]]"#) == "12")
    #expect(try await count(#"[["lte","deck_id",17]]"#) == "10")
    #expect(try await count(#"[["gt","duration_sec",100]]"#) == "2")
    #expect(try await count(#"[["is","completed",[false]]]"#) == "1")
    #expect(try await count(#"[["or",[["is","course_id",[4]],["is","deck_id",[18]]]]]"#) == "10")
    #expect(try await count(#"[["and",[["is","user_id",[1]],["not",["is","deck_id",[17]]]]]]"#) == "4")
    #expect(try await count(#"[["is","day_of_week",[7]]]"#) == "3")
    #expect(try await count(#"[["is","hour_of_day",[9]]]"#) == "6")
    #expect(try await count(#"[["has_done",["is","event_type",["test_completed"]]]]"#) == "3")
    #expect(try await count(#"[["has_not_done",["is","event_type",["course_enrolled"]]]]"#) == "5")
    #expect(
      try await count(#"[["has_not_done",["is","event_type",["card_answered"]]]]"#, metric: "active_users") == "1")
  }

  /// What an event does not tell is no value of a filter, whatever the column holds.
  @Test func filtersPassOverWhatIsNotKnown() async throws {
    let bench = try await AnalyticsBench()
    let at = "2026-11-02 09:00:00.000"
    try await bench.insert([
      (
        "card_answered", at,
        ["since_previous_sec": "0", "scheduled_days": "0", "stability": "2.5", "retrievability": "0"]
      ),
      ("card_answered", at, ["since_previous_sec": "86400", "scheduled_days": "1", "stability": "7", "rating": "3"]),
      ("card_answered", at, [:]),
      ("user_logged_in", at, ["timezone": "'Europe/Berlin'"]), ("user_logged_in", at, [:]),
      ("deck_updated", at, ["title": "'Spanish'"]), ("deck_updated", at, [:]),
      ("course_deck_added", at, ["order_index": "0"]), ("course_deck_added", at, ["order_index": "4"]),
    ])
    for (filter, events) in [
      (#"["is","since_previous_sec",[0]]"#, 1), (#"["is","scheduled_days",[0,1]]"#, 2),
      (#"["is_not","scheduled_days",[1]]"#, 8), (#"["not",["is","scheduled_days",[0]]]"#, 8),
      (#"["not",["lt","stability",5]]"#, 8), (#"["gte","stability",2.5]"#, 2), (#"["lt","retrievability",1]"#, 1),
      (#"["is","retrievability",[0]]"#, 1), (#"["is","timezone",["Europe/Berlin"]]"#, 1),
      (#"["is","timezone",[""]]"#, 0),
      (#"["is_not","timezone",["Europe/Berlin"]]"#, 8), (#"["is","title",["Spanish",""]]"#, 1),
      (#"["is","order_index",[0]]"#, 1), (#"["lte","order_index",4]"#, 2), (#"["is","rating",[3]]"#, 1),
    ] {
      let query = #"{"metrics":["events"],"date_range":["2026-11-01","2026-11-03"],"filters":[\#(filter)]}"#
      #expect(try await bench.table(query).first == "\(events)", "\(filter)")
    }
  }

  @Test func aDimensionListsOnlyWhatHasIt() async throws {
    let bench = try await bench()
    let query = #"{"metrics":["events","answers"],"date_range":["2026-11-01","2026-11-03"],"dimensions":["deck_id"]}"#
    #expect(try await bench.table(query) == ["17 9 2", "18 3 0", "0 1 1"])
    let pages = #"{"metrics":["events"],"date_range":["2026-11-02","2026-11-03"],"dimensions":["day_of_week"]}"#
    #expect(try await bench.table(pages) == ["2 11", "1 7"])
  }
}
