import Analytics
import Foundation
import RealServers
import Testing

/// The same numbers by whatever table, zone and page.
@Suite struct RouteTests {
  private static let zones = [
    "UTC", "Europe/Moscow", "Europe/Berlin", "America/New_York", "Asia/Kathmandu", "Asia/Kolkata",
    "Australia/Lord_Howe", "Pacific/Apia", "Pacific/Kiritimati", "Pacific/Enderbury", "Pacific/Fakaofo",
    "Pacific/Tongatapu",
  ]

  /// A generator whose numbers a failing test can repeat.
  private struct Seeded: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return (state >> 33) ^ (state << 20)
    }
  }

  private static func randomQuery(_ random: inout Seeded) -> String {
    let metrics = Metric.allCases.shuffled(using: &random).prefix(Int.random(in: 1...5, using: &random))
    let dimensions = [
      "time:hour", "time:day", "time:week", "time:month", "event_type", "producer", "user_id", "deck_id", "course_id",
      "hour_of_day", "day_of_week",
    ].shuffled(using: &random).prefix(Int.random(in: 0...2, using: &random))
    let hasOneTime = dimensions.count { $0.hasPrefix("time:") } <= 1
    let filters = [
      #"["is","deck_id",[1,2,3]]"#, #"["is","course_id",[1,2]]"#, #"["is","user_id",[5,6,7,8]]"#,
      #"["is","producer",["import"]]"#, #"["is_not","event_type",["card_answered"]]"#,
      #"["has_done",["is","deck_id",[4]]]"#, #"["is","day_of_week",[6,7]]"#,
    ].shuffled(using: &random).prefix(Int.random(in: 0...2, using: &random))
    let first = Int.random(in: 1...28, using: &random)
    let start = "2026-10-\(first < 10 ? "0" : "")\(first)"
    let end = "2026-11-\(Int.random(in: 10...22, using: &random))"
    let compare = ["null", "\"previous_period\"", "\"previous_year\""].randomElement(using: &random) ?? "null"
    let used = hasOneTime ? Array(dimensions) : Array(dimensions.prefix(1))
    let fill = used.contains { $0.hasPrefix("time:") } && Bool.random(using: &random)
    let zone = zones.randomElement(using: &random) ?? "UTC"
    return """
      {"metrics":[\(metrics.map { "\"\($0.rawValue)\"" }.joined(separator: ","))],"date_range":["\(start)","\(end)"],\
      "dimensions":[\(used.map { "\"\($0)\"" }.joined(separator: ","))],"filters":[\(filters.joined(separator: ","))],\
      "timezone":"\(zone)","include":{"totals":true,"compare":\(compare),"fill":\(fill)},"limit":10000}
      """
  }

  @Test(.timeLimit(.minutes(3))) func rollupsAndEventsAgree() async throws {
    let bench = try await AnalyticsBench()
    try await bench.insertRandom(6_000, seed: 1)
    // Arrives later, into parts of its own.
    try await bench.insertRandom(2_000, seed: 2)
    var random = Seeded(state: 20_261_122)
    var tables: [String: Int] = [:]
    for _ in 0..<150 {
      let query = Self.randomQuery(&random)
      let (quick, raw) = (try await bench.answer(query), try await bench.answer(query, tables: [.events]))
      tables[quick.plan.table, default: 0] += 1
      try #require(quick.rows.map(AnalyticsBench.text) == raw.rows.map(AnalyticsBench.text), "\(query)")
      try #require(quick.totals == raw.totals, "\(query)")
    }
    for table in FactTable.all { #expect(tables[table.name] ?? 0 > 0, "no random query took \(table.name): \(tables)") }
  }

  /// Hours and days worked out here, by this program's calendar, from the moments themselves.
  @Test(arguments: zones) func hoursAndDaysAreTheZones(name: String) async throws {
    let bench = try await AnalyticsBench()
    let zone = try #require(TimeZone(identifier: name))
    // Around every change of clocks of the autumn of 2026, each eleven minutes.
    let changes = ["2026-10-03T15:30:00Z", "2026-10-25T01:00:00Z", "2026-11-01T06:00:00Z", "2026-04-04T15:00:00Z"]
    var moments: [Date] = []
    for change in changes {
      let middle = try Date(change, strategy: .iso8601)
      moments += stride(from: -172_800.0, through: 172_800, by: 660).map { middle.addingTimeInterval($0) }
    }
    let values = moments.map {
      "('user_logged_in', fromUnixTimestamp64Milli(\(Int($0.timeIntervalSince1970) * 1000), 'UTC'))"
    }
    try await bench.rows("INSERT INTO events (event_type, occurred_at) VALUES \(values.joined(separator: ","))")
    var (days, hours): ([String: Int], [String: Int]) = ([:], [:])
    for moment in moments {
      let offset = zone.secondsFromGMT(for: moment)
      let wall = Date(timeIntervalSince1970: moment.timeIntervalSince1970 + Double(offset)).formatted(.iso8601)
      let sign = offset < 0 ? "-" : "+"
      let minutes = abs(offset) / 60
      let label = offset == 0 ? "Z" : sign + String(format: "%02d:%02d", minutes / 60, minutes % 60)
      days[String(wall.prefix(10)), default: 0] += 1
      hours["\(wall.prefix(13)):00:00\(label)", default: 0] += 1
    }
    for (dimension, expected) in [("time:day", days), ("time:hour", hours)] {
      let query =
        #"{"metrics":["logins"],"date_range":["2026-01-01","2026-12-31"],"dimensions":["\#(dimension)"],"timezone":"\#(name)","limit":10000}"#
      let answer = try await bench.answer(query)
      var found: [String: Int] = [:]
      for row in answer.rows {
        guard case .string(let label) = row.dimensions[0] else { throw Failure("\(row) has no label") }
        found[label] = Int(row.metrics[0].text)
      }
      #expect(found == expected)
      #expect(
        answer.plan.table
          == (["Asia/Kathmandu", "Asia/Kolkata", "Australia/Lord_Howe"].contains(name) ? "events" : "activity_hourly"))
    }
  }

  @Test func daysOfTwentyFiveHoursAreFilledWithThem() async throws {
    let bench = try await AnalyticsBench()
    for (date, count) in [("2026-10-25", 25), ("2026-03-29", 23), ("2026-10-24", 24)] {
      let query =
        #"{"metrics":["events"],"date_range":["\#(date)","\#(date)"],"dimensions":["time:hour"],"timezone":"Europe/Berlin","include":{"fill":true}}"#
      let rows = try await bench.table(query)
      #expect(rows.count == count && Set(rows).count == count, "\(rows)")
    }
    let query =
      #"{"metrics":["events"],"date_range":["2026-10-25","2026-10-25"],"dimensions":["time:hour"],"timezone":"Europe/Berlin","include":{"fill":true}}"#
    #expect(try await bench.table(query)[2...3] == ["2026-10-25T02:00:00+02:00 0", "2026-10-25T02:00:00+01:00 0"])
  }

  @Test func pagesJoinToTheWhole() async throws {
    let bench = try await AnalyticsBench()
    try await bench.insertRandom(3_000)
    // Many ties, and nulls: users without an answer.
    for order in [#"["correct_rate","desc"]"#, #"["correct_rate","asc"],["answers","desc"]"#, #"["user_id","desc"]"#] {
      let query =
        #"{"metrics":["correct_rate","answers","logins"],"date_range":["2026-09-01","2026-11-30"],"dimensions":["user_id"],"order_by":[\#(order)]"#
      let whole = try await bench.table(query + "}")
      var (pages, cursor, count): ([String], String?, Int) = ([], nil, 0)
      repeat {
        let from = cursor.map { #","cursor":"\#($0)""# } ?? ""
        let page = try await bench.answer(query + #","limit":37\#(from)}"#)
        pages += page.rows.map(AnalyticsBench.text)
        cursor = page.nextCursor
        count += 1
      } while cursor != nil && count < 100
      #expect(pages == whole)
    }
  }
}
