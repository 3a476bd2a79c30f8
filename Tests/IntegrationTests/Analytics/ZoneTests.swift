import Analytics
import CivilTime
import Foundation
import Testing

/// Every zone's hours, days, weeks and months as ClickHouse finds them, beside those of Foundation's offsets.
@Suite struct ZoneTests {
  /// Around every change of the clocks that there is or will be while events can be, and in between.
  private static func moments(of zone: Zone) -> [Int] {
    let (first, last) = (QueryLimits.moments.lowerBound, QueryLimits.moments.upperBound)
    let around = [-86_400, -3600, -1800, -1, 0, 1, 1799, 1800, 3599, 3600, 7200, 86_400]
    let changes = zone.changes(from: first, to: last).flatMap { change in around.map { change.seconds + $0 } }
    // Every 61 days and an odd time; and the ends.
    let between = Array(stride(from: first.seconds, to: last.seconds, by: 61 * 86_400 + 4567))
    return (changes + between + [last.seconds - 1]).filter { $0 >= first.seconds && $0 < last.seconds }
  }

  /// What a zone's clocks do; links and neighbours have the same.
  private struct Clocks: Hashable {
    let changes: [Instant]
    let offsets: [Int]

    init(_ zone: Zone) {
      changes = zone.changes(from: QueryLimits.moments.lowerBound, to: QueryLimits.moments.upperBound)
      offsets = ([QueryLimits.moments.lowerBound] + changes).map(zone.offset(at:))
    }
  }

  private static func names(_ bench: AnalyticsBench) async throws -> [String] {
    let theirs = try await bench.rows("SELECT time_zone FROM system.time_zones").compactMap(\.first)
    return Set(theirs + TimeZone.knownTimeZoneIdentifiers).filter { Zone($0) != nil }.sorted()
  }

  @Test(.timeLimit(.minutes(5))) func everyZonesBucketsAreFoundations() async throws {
    let bench = try await AnalyticsBench()
    let names = try await Self.names(bench)
    #expect(names.count > 400)
    var (compared, wrong, asked) = (0, [String](), Set<Clocks>())
    for name in names {
      let zone = try #require(Zone(name))
      guard asked.insert(Clocks(zone)).inserted else { continue }
      let foundation = try #require(TimeZone(identifier: name))
      let moments = Self.moments(of: zone)
      let span = Span(
        from: QueryLimits.moments.lowerBound, to: QueryLimits.moments.upperBound, in: zone)
      var parameters = Parameters()
      let clock = LocalClock(span, &parameters)
      let keys = TimeGrain.allCases.map { TimeBuckets(grain: $0, span: span).key(of: "t", by: clock) }
      let time = "fromUnixTimestamp64Milli({moments:Array(Int64)}[number + 1] * 1000 + 999, 'UTC') AS t"
      let statement = Statement(
        sql: """
          SELECT \(clock.offset(of: "t")), \(keys.joined(separator: ", ")), toHour(\(clock.local("t"))),
            toDayOfWeek(\(clock.local("t")))
          FROM (SELECT \(time) FROM numbers(\(moments.count))) FORMAT TabSeparated
          """,
        parameters: parameters.values.merging(["moments": "[\(moments.map(String.init).joined(separator: ","))]"]) {
          $1
        })
      let reading = try await bench.warehouse.read(statement, for: AnalyticsBench.scope)
      let answer = String(decoding: reading.bytes, as: UTF8.self)
      let rows = answer.split(separator: "\n")
      try #require(rows.count == moments.count)
      for (moment, row) in zip(moments, rows) {
        let offset = foundation.secondsFromGMT(for: Date(timeIntervalSince1970: Double(moment)))
        let local = moment + offset
        let date = CivilDate(day: local.floorDivided(by: 86_400))
        let (hour, second) = (local.floorModulo(86_400) / 3600, local.floorModulo(3600))
        let expected =
          "\(offset)\t\(moment - second)\t\(date)\t\(date.monday)\t\(date.firstOfMonth)\t\(hour)\t\(date.day - date.monday.day + 1)"
        compared += 1
        if row != expected { wrong.append("\(name) at \(moment): \(row), not \(expected)") }
        if offset % 900 != 0 { wrong.append("\(name) is off by \(offset) s: `fill` looks each quarter hour only") }
      }
    }
    #expect(wrong.isEmpty, "\(wrong.count) of \(compared) moments: \(wrong.prefix(20))")
    print("compared \(compared) moments of \(asked.count) kinds of clocks in \(names.count) zones")
  }

  /// `Zone.changes` leaves none out: between two of them the offset stays.
  @Test func everyChangeIsKnown() throws {
    for name in TimeZone.knownTimeZoneIdentifiers {
      guard let zone = Zone(name), let foundation = TimeZone(identifier: name) else { continue }
      let (first, last) = (QueryLimits.moments.lowerBound, QueryLimits.moments.upperBound)
      let changes = zone.changes(from: first, to: last)
      var next = 0
      var offset = zone.offset(at: first)
      // Half a day is less than any time between two changes.
      for moment in stride(from: first.seconds, to: last.seconds, by: 43_200) {
        while next < changes.count, changes[next].seconds <= moment {
          offset = zone.offset(at: changes[next])
          next += 1
        }
        let real = foundation.secondsFromGMT(for: Date(timeIntervalSince1970: Double(moment)))
        guard real != offset else { continue }
        Issue.record("\(name) at \(moment): \(real), not \(offset)")
        break
      }
    }
  }

  /// The longest question there is, by every road.
  @Test func aWholeCenturyOfChangesIsAnswered() async throws {
    let bench = try await AnalyticsBench()
    try await bench.insert([
      ("user_logged_in", "2105-12-31 23:59:59.999", [:]), ("user_logged_in", "2000-01-01 12:00:00.000", [:]),
    ])
    for (zone, days) in [
      ("America/New_York", ["2000-01-01 1", "2105-12-31 1"]), ("Pacific/Apia", ["2000-01-01 1"]),
      ("UTC", ["2000-01-01 1", "2105-12-31 1"]),
    ] {
      let query =
        #"{"metrics":["logins"],"date_range":["2000-01-01","2105-12-31"],"dimensions":["time:day"],"timezone":"\#(zone)"}"#
      #expect(try await bench.table(query) == days)
      #expect(try await bench.table(query, tables: [.events]) == days)
    }
    let months =
      #"{"metrics":["logins"],"date_range":["2000-01-01","2105-12-31"],"dimensions":["time:month"],"timezone":"America/New_York","include":{"fill":true},"limit":10000}"#
    #expect(try await bench.table(months).count == 106 * 12)
    let all = try await bench.answer(
      #"{"metrics":["logins"],"date_range":"all","include":{"compare":"previous_period"},"timezone":"Europe/Berlin"}"#)
    #expect(all.rows.map(AnalyticsBench.text) == ["1 0"])
  }
}
