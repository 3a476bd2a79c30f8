import Analytics
import CivilTime
import JSON
import Testing

@Suite struct SpanTests {
  /// Sunday 2026-11-22, 22:30 in UTC; already Monday in Kathmandu.
  private let now = Instant(milliseconds: 1_795_386_600_000)

  private func days(_ range: String, zone: Zone = .utc, compared: Comparison? = nil) throws -> String {
    let read = try DateRangeReader.read(try JSONParser.parse(Array(range.utf8)))
    var span = try read.span(in: zone, now: now, firstEvent: Instant(milliseconds: 1_790_000_000_000))
    if let compared { span = span.comparison(compared) }
    let days = try #require(span.days)
    #expect(span.from == zone.start(of: days.lowerBound) && span.firstDate == days.lowerBound)
    return "\(days.lowerBound) \(span.lastDate)"
  }

  @Test(arguments: [
    ("\"today\"", "2026-11-22 2026-11-22"), ("\"7d\"", "2026-11-16 2026-11-22"), ("\"30d\"", "2026-10-24 2026-11-22"),
    ("\"month\"", "2026-11-01 2026-11-22"), ("\"year\"", "2026-01-01 2026-11-22"),
    ("\"12mo\"", "2025-12-01 2026-11-22"), ("\"all\"", "2026-09-21 2026-11-22"),
    ("[\"2026-11-01\",\"2026-11-30\"]", "2026-11-01 2026-11-30"),
  ])
  func periodsEndToday(range: String, days: String) throws {
    #expect(try self.days(range) == days)
  }

  @Test func todayIsTheZonesOwn() throws {
    #expect(try days("\"today\"", zone: #require(Zone("Asia/Kathmandu"))) == "2026-11-23 2026-11-23")
  }

  @Test func comparisonsAreAsLongOrAYearBefore() throws {
    let range = "[\"2026-11-01\",\"2026-11-30\"]"
    #expect(try days(range, compared: .previousPeriod) == "2026-10-02 2026-10-31")
    #expect(try days(range, compared: .previousYear) == "2025-11-01 2025-11-30")
  }

  @Test func timesAreReadInTheZoneOrWithTheirOffset() throws {
    let moscow = try #require(Zone("Europe/Moscow"))
    let text = "[\"2026-11-01T10:00\",\"2026-11-01T10:30:00.5+02:00\"]"
    let span = try DateRangeReader.read(try JSONParser.parse(Array(text.utf8))).span(
      in: moscow, now: now, firstEvent: nil)
    #expect(span.from.isoText == "2026-11-01T07:00:00Z" && span.to.isoText == "2026-11-01T08:30:00.500Z")
    #expect(span.comparison(.previousPeriod).to == span.from)
  }

  @Test func takesEveryDayThatEventsCanBeOf() throws {
    for zone in ["UTC", "Pacific/Kiritimati", "Pacific/Pago_Pago"] {
      let days = try days("[\"2000-01-01\",\"2105-12-31\"]", zone: #require(Zone(zone)))
      #expect(days == "2000-01-01 2105-12-31")
    }
  }

  @Test func allBeginsWhereEventsCanAndEndsWithAClockThatIsRight() throws {
    let early = Instant(seconds: 0)
    #expect(try DateRange.period(.all).span(in: .utc, now: now, firstEvent: early).firstDate == CivilDate("2000-01-01"))
    let late = Instant(seconds: 5_700_000_000)
    #expect(throws: QueryProblem.self) { try DateRange.period(.sevenDays).span(in: .utc, now: late, firstEvent: nil) }
  }

  @Test(arguments: [
    "[\"2026-11-02\",\"2026-11-01\"]", "[\"2026-11-31\",\"2026-12-01\"]", "\"fortnight\"", "[\"2026-11-01\"]", "7",
    "[\"2026-11-01T25:00\",\"2026-11-02\"]", "[\"0000-01-01\",\"2026-11-02\"]", "[\"1999-12-31\",\"2026-11-02\"]",
    "[\"2026-11-01\",\"2106-01-01\"]", "[\"2026-11-01\",\"2150-01-01\"]",
    "[\"2026-11-01\",\"2105-12-31T23:00:00-02:00\"]",
  ])
  func refuses(range: String) {
    #expect(throws: QueryProblem.self) { try days(range) }
  }
}
