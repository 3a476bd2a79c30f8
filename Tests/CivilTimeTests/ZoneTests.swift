import CivilTime
import Testing

@Suite struct ZoneTests {
  @Test func civilDatesCountDays() throws {
    #expect(CivilDate("1970-01-01")?.day == 0)
    #expect(CivilDate("2026-11-22")?.day == 20779)
    for day in stride(from: -200_000, through: 200_000, by: 37) {
      let (year, month, dayOfMonth) = CivilDate(day: day).components
      #expect(CivilDate(year: year, month: month, dayOfMonth: dayOfMonth).day == day)
    }
    #expect(CivilDate("2026-02-29") == nil && CivilDate("2026-13-01") == nil && CivilDate("26-1-1") == nil)
    let leap = try #require(CivilDate("2024-02-29"))
    #expect("\(leap.adding(months: -12))" == "2023-02-28" && "\(leap.monday)" == "2024-02-26")
  }

  @Test(arguments: [
    ("Europe/Berlin", "2026-03-29", 23), ("Europe/Berlin", "2026-10-25", 25), ("America/New_York", "2026-11-01", 25),
    ("Asia/Kathmandu", "2026-11-22", 24), ("UTC", "2026-10-25", 24), ("America/Sao_Paulo", "2017-10-15", 23),
    ("Africa/Cairo", "2023-04-28", 23), ("Europe/Moscow", "2014-10-26", 25),
  ])
  func daysHaveTheirHours(name: String, date: String, hours: Int) throws {
    let zone = try #require(Zone(name))
    let day = try #require(CivilDate(date))
    let start = zone.start(of: day)
    let length = zone.start(of: day.adding(days: 1)).seconds - start.seconds
    #expect(length == hours * 3600)
    #expect(zone.date(at: start) == day)
    #expect(zone.date(at: Instant(seconds: start.seconds - 1)) == day.adding(days: -1))
  }

  @Test func aHalfHourChangeMakesAHalfHourDay() throws {
    let zone = try #require(Zone("Australia/Lord_Howe"))
    let day = try #require(CivilDate("2026-10-04"))
    #expect(zone.start(of: day.adding(days: 1)).seconds - zone.start(of: day).seconds == 84_600)
  }

  @Test(arguments: [
    ("UTC", true), ("Europe/Moscow", true), ("Europe/Berlin", true), ("America/New_York", true),
    ("Asia/Kathmandu", false), ("Asia/Kolkata", false), ("Australia/Lord_Howe", false),
  ])
  func knowsWholeHours(name: String, whole: Bool) throws {
    let zone = try #require(Zone(name))
    let (from, to) = (CivilDate(year: 2026, month: 1, dayOfMonth: 1), CivilDate(year: 2027, month: 1, dayOfMonth: 1))
    #expect(zone.hasWholeHours(from: zone.start(of: from), to: zone.start(of: to)) == whole)
  }

  @Test func refusesNamesThatAreNoZone() {
    for name in ["Mars/Olympus", "", "utc'", "EST", "GMT+3", "+03:00"] { #expect(Zone(name) == nil, "\(name)") }
    for name in ["UTC", "Asia/Kolkata", "Asia/Calcutta", "America/Argentina/Buenos_Aires"] {
      #expect(Zone(name) != nil)
    }
  }

  @Test func instantsHaveTheirText() {
    let instant = Instant(milliseconds: 1_795_392_000_123)
    #expect(instant.clickHouseText == "2026-11-23 00:00:00.123")
    #expect(instant.isoText(offset: 20_700) == "2026-11-23T05:45:00.123+05:45")
    #expect(Instant(seconds: 0).isoText == "1970-01-01T00:00:00Z")
    #expect(Instant(seconds: 0).fullISOText == "1970-01-01T00:00:00.000Z")
  }
}
