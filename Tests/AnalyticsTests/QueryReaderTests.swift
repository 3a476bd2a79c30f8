import Analytics
import CivilTime
import Testing

@Suite struct QueryReaderTests {
  private func problem(_ text: String) -> QueryProblem? {
    do {
      _ = try QueryReader.read(Array(text.utf8))
      return nil
    } catch {
      return error
    }
  }

  @Test func readsAWholeQuery() throws {
    let text = #"""
      {"metrics": ["active_users", "completion_rate"], "date_range": ["2026-11-01", "2026-11-30"],
       "dimensions": ["time:day", "deck_id"], "timezone": "Europe/Moscow", "order_by": [["completion_rate", "desc"]],
       "filters": [["is", "deck_id", [17, "18446744073709551615"]], ["not", ["is", "producer", ["import"]]],
         ["or", [["gte", "duration_sec", 60], ["has_not_done", ["is", "event_type", "test_completed"]]]]],
       "include": {"totals": true, "compare": "previous_period", "fill": true}, "limit": 100, "cursor": null}
      """#
    let query = try QueryReader.read(Array(text.utf8))
    #expect(query.metrics == [.activeUsers, .completionRate])
    #expect(query.dimensions.map(\.name) == ["time:day", "deck_id"])
    #expect(query.filters.count == 3 && query.filters[0] == .isAny(.deckID, [.whole(17), .whole(.max)]))
    #expect(query.includeTotals && query.fill && query.comparison == .previousPeriod && query.limit == 100)
    #expect(
      query.effectiveOrder.map { "\($0.term.name) \($0.descending)" } == [
        "completion_rate true", "time:day false", "deck_id false",
      ])
    // What is echoed asks the same again.
    let span = try query.dateRange.span(in: query.zone, now: Instant(seconds: 0), firstEvent: nil)
    #expect(try QueryReader.read(query.effective(span: span, comparisonSpan: nil)).filters == query.filters)
  }

  @Test(arguments: [
    ("[]", "wrong_type", ""),
    ("{", "malformed_json", ""),
    (#"{"metrics":["events"]}"#, "missing_field", "date_range"),
    (#"{"date_range":"7d"}"#, "missing_field", "metrics"),
    (#"{"metrics":[],"date_range":"7d"}"#, "invalid_value", "metrics"),
    (#"{"metrics":["visits"],"date_range":"7d"}"#, "unknown_metric", "metrics[0]"),
    (#"{"metrics":["events","events"],"date_range":"7d"}"#, "invalid_value", "metrics[1]"),
    (#"{"metrics":["events"],"date_range":"7d","colour":1}"#, "unknown_field", "colour"),
    (#"{"metrics":["events"],"date_range":"7d","include":{"total":true}}"#, "unknown_field", "include.total"),
    (#"{"metrics":["events"],"date_range":"7d","include":{"totals":1}}"#, "wrong_type", "include.totals"),
    (#"{"metrics":["events"],"date_range":"7d","include":{"fill":true}}"#, "invalid_value", "include.fill"),
    (#"{"metrics":["events"],"date_range":"7d","dimensions":["time:year"]}"#, "unknown_dimension", "dimensions[0]"),
    (
      #"{"metrics":["events"],"date_range":"7d","dimensions":["time:day","time:hour"]}"#, "invalid_value",
      "dimensions[1]"
    ),
    (#"{"metrics":["events"],"date_range":"7d","timezone":"Mars/Base"}"#, "unknown_timezone", "timezone"),
    (
      #"{"metrics":["events"],"date_range":"7d","order_by":[["logins","asc"]]}"#, "unknown_order_term", "order_by[0][0]"
    ),
    (#"{"metrics":["events"],"date_range":"7d","order_by":[["events","up"]]}"#, "unknown_direction", "order_by[0][1]"),
    (#"{"metrics":["events"],"date_range":"7d","limit":0}"#, "invalid_value", "limit"),
    (#"{"metrics":["events"],"date_range":"7d","limit":"9"}"#, "wrong_type", "limit"),
    (
      #"{"metrics":["events"],"date_range":"7d","filters":[["is","deck",[1]]]}"#, "unknown_filter_field",
      "filters[0][1]"
    ),
    (
      #"{"metrics":["events"],"date_range":"7d","filters":[["is","deck_id",[1,"x"]]]}"#, "invalid_value",
      "filters[0][2][1]"
    ),
    (#"{"metrics":["events"],"date_range":"7d","filters":[["is","deck_id",[]]]}"#, "invalid_value", "filters[0][2]"),
    (
      #"{"metrics":["events"],"date_range":"7d","filters":[["like","deck_id",[1]]]}"#, "unknown_operator",
      "filters[0][0]"
    ),
    (
      #"{"metrics":["events"],"date_range":"7d","filters":[["and",[["gt","producer","a"]]]]}"#, "invalid_value",
      "filters[0][1][0][1]"
    ),
    (
      #"{"metrics":["events"],"date_range":"7d","filters":[["is","event_type",["nap"]]]}"#, "unknown_event_type",
      "filters[0][2][0]"
    ),
    (
      #"{"metrics":["events"],"date_range":"7d","filters":[["has_done",["has_done",["is","deck_id",[1]]]]]}"#,
      "invalid_value", "filters[0][1]"
    ),
    (#"{"metrics":["events"],"date_range":"fortnight"}"#, "unknown_period", "date_range"),
    (#"{"metrics":["events"],"date_range":["2026-02-30","2026-03-01"]}"#, "invalid_value", "date_range[0]"),
    (#"{"metrics":["events"],"date_range":["1999-12-31","2000-01-01"]}"#, "invalid_value", "date_range[0]"),
    (#"{"metrics":["events"],"date_range":["2026-01-01","2150-01-01"]}"#, "invalid_value", "date_range[1]"),
    (#"{"metrics":["events"],"date_range":["2026-01-01","2106-01-01T00:00:00Z"]}"#, "invalid_value", "date_range[1]"),
  ])
  func namesThePlace(text: String, code: String, path: String) throws {
    let found = self.problem(text)
    let problem = try #require(found)
    #expect(problem.code == code && problem.path == path, "\(problem)")
  }

  @Test func namesWhatIsAllowed() {
    let message = problem(#"{"metrics":["visits"],"date_range":"7d"}"#)?.message ?? ""
    #expect(message.contains("“visits”") && Metric.allCases.allSatisfy { message.contains($0.rawValue) })
  }

  @Test func boundsListsAndNesting() {
    let values = Array(repeating: "1", count: 1001).joined(separator: ",")
    #expect(problem(#"{"metrics":["events"],"date_range":"7d","filters":[["is","deck_id",[\#(values)]]]}"#) != nil)
    let many = Array(repeating: #"["is","deck_id",[1]]"#, count: 101).joined(separator: ",")
    #expect(problem(#"{"metrics":["events"],"date_range":"7d","filters":[\#(many)]}"#) != nil)
    let deep = String(repeating: #"["not","#, count: 40) + #"["is","deck_id",[1]]"# + String(repeating: "]", count: 40)
    #expect(problem(#"{"metrics":["events"],"date_range":"7d","filters":[\#(deep)]}"#)?.code == "malformed_json")
  }
}
