import CivilTime
import Decks
import Foundation
import Testing

@Suite struct LearnerCalendarTests {
  private func moment(_ zone: String, _ date: String, _ hour: Int, _ minute: Int = 0) throws -> Instant {
    try #require(Zone(zone)).instant(try #require(CivilDate(date)), secondOfDay: (hour * 60 + minute) * 60)
  }

  @Test(arguments: ["UTC", "Europe/Moscow", "Asia/Kolkata", "Asia/Kathmandu", "America/St_Johns", "Pacific/Chatham"])
  func theNightBelongsToTheDayBefore(zone: String) throws {
    let calendar = Learner.calendar(zone)
    let expected = [(3, 59, "2026-05-09"), (4, 0, "2026-05-10"), (0, 0, "2026-05-09"), (23, 59, "2026-05-10")]
    for (hour, minute, day) in expected {
      #expect("\(calendar.day(of: try moment(zone, "2026-05-10", hour, minute)))" == day, "\(zone) \(hour):\(minute)")
    }
  }

  @Test(arguments: [
    ("Europe/Berlin", "2026-03-28", 23), ("Europe/Berlin", "2026-10-24", 25), ("America/New_York", "2026-10-31", 25),
    ("Europe/Moscow", "2026-03-28", 24),
  ])
  func theNightOfAClockChangeIsShorterOrLonger(zone: String, date: String, hours: Int) throws {
    let calendar = Learner.calendar(zone)
    let span = calendar.span(around: try moment(zone, date, 12))
    #expect(span.upperBound.seconds - span.lowerBound.seconds == hours * 3600)
    #expect(try span.lowerBound == moment(zone, date, 4))
  }

  @Test func aHalfHourChangeMakesAHalfHourDay() throws {
    let span = Learner.calendar("Australia/Lord_Howe").span(around: try moment("Australia/Lord_Howe", "2026-10-03", 12))
    #expect(span.upperBound.seconds - span.lowerBound.seconds == 84_600)
  }

  /// Clocks skip the start in spring, and show it twice in autumn.
  @Test func aStartInAGapOrShownTwiceIsOneMoment() throws {
    let calendar = Learner.calendar("Europe/Berlin", "02:30")
    #expect(try calendar.start(of: #require(CivilDate("2026-03-29"))) == moment("Europe/Berlin", "2026-03-29", 3))
    let twice = calendar.start(of: try #require(CivilDate("2026-10-25")))
    #expect(twice.isoText == "2026-10-25T00:30:00Z", "the earlier")
    // Between the two the clocks show 02:00 once more, of a day that has begun.
    #expect("\(calendar.day(of: Instant(seconds: twice.seconds + 2400)))" == "2026-10-25")
  }

  /// Every moment belongs to exactly one day, days follow each other without a gap, whatever the clocks do.
  @Test(arguments: [
    "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "Africa/Cairo", "America/Sao_Paulo",
    "Pacific/Apia", "Pacific/Chatham", "Africa/Casablanca", "Asia/Gaza", "America/Nuuk",
  ])
  func daysPartitionTime(zone: String) throws {
    let (from, to) = (try moment("UTC", "2010-01-01", 0), try moment("UTC", "2028-01-01", 0))
    for start in ["00:00", "02:00", "02:30", "04:00", "23:59"] {
      let calendar = Learner.calendar(zone, start)
      let near = calendar.zone.changes(from: from, to: to).flatMap { change in
        [-90_000, -3601, -3600, -1, 0, 1, 1800, 3600, 7200, 90_000].map { Instant(seconds: change.seconds + $0) }
      }
      #expect(near.count > 100 || ["Asia/Kathmandu"].contains(zone))
      for moment in near {
        let (day, span) = (calendar.day(of: moment), calendar.span(around: moment))
        #expect(
          span.contains(moment) && calendar.start(of: day) == span.lowerBound, "\(zone) \(start) \(moment.isoText)")
        #expect(calendar.day(of: Instant(milliseconds: span.lowerBound.milliseconds - 1)) < day)
      }
    }
  }

  @Test func daysPartitionTimeInEveryZone() throws {
    let (from, to) = (try moment("UTC", "2024-01-01", 0), try moment("UTC", "2028-01-01", 0))
    var changes = 0
    for zone in TimeZone.knownTimeZoneIdentifiers.compactMap({ Zone($0) }) {
      for change in zone.changes(from: from, to: to) {
        changes += 1
        for start in ["00:00", "01:30", "04:00"] {
          let calendar = LearnerCalendar(zone: zone, dayStartsAt: try #require(TimeOfDay(start)))
          for moment in [-1, 0, 1800].map({ Instant(seconds: change.seconds + $0) }) {
            let (day, span) = (calendar.day(of: moment), calendar.span(around: moment))
            #expect(
              span.contains(moment) && calendar.start(of: day) == span.lowerBound, "\(zone.name) \(moment.isoText)")
          }
        }
      }
    }
    #expect(changes > 500)
  }

  @Test func timesOfDayAreReadStrictly() {
    #expect(TimeOfDay("04:00") == .fourInTheMorning && TimeOfDay("23:59")?.minutes == 1439)
    #expect("\(TimeOfDay.fourInTheMorning)" == "04:00" && TimeOfDay("00:07")?.description == "00:07")
    #expect(
      TimeOfDay(minutes: 1439)?.description == "23:59" && TimeOfDay(minutes: 1440) == nil
        && TimeOfDay(minutes: -1) == nil)
    for text in ["4:00", "24:00", "12:60", "", "04-00", "04:00:00", "٠٤:٠٠", "+4:00", " 4:00", "04:0é"] {
      #expect(TimeOfDay(text) == nil, "\(text)")
    }
  }

  @Test func settingsHaveBounds() throws {
    let calendar = Learner.calendar("UTC")
    func settings(_ new: Int, _ reviews: Int, _ retention: Double) throws(LearningSettingsError) {
      _ = try LearningSettings(
        calendar: calendar, newPerDay: new, reviewsPerDay: reviews, desiredRetention: retention, scheduler: .fsrs6)
    }
    try settings(0, 0, 0.70)
    try settings(9999, 9999, 0.97)
    #expect(throws: LearningSettingsError.limitOutOfBounds(field: "new_per_day")) { try settings(-1, 0, 0.9) }
    #expect(throws: LearningSettingsError.limitOutOfBounds(field: "reviews_per_day")) { try settings(0, 10_000, 0.9) }
    for wrong in [0.69, 0.98, .nan] {
      #expect(throws: LearningSettingsError.retentionOutOfBounds) { try settings(1, 1, wrong) }
    }
    let standard = LearningSettings.standard
    #expect(standard.newPerDay == 20 && standard.reviewsPerDay == 200 && standard.desiredRetention == 0.9)
    #expect(standard.scheduler == .fsrs6 && standard.calendar == calendar)
  }
}

@Suite struct StreakTests {
  private func streak(_ dates: [String], today: String, zone: String = "UTC", start: String = "04:00") -> Streak {
    Streak(
      activeDays: dates.map { CivilDate($0)! }, today: CivilDate(today)!, calendar: Learner.calendar(zone, start))
  }

  @Test func runsEndTodayOrYesterday() {
    let days = ["2026-03-01", "2026-02-27", "2026-02-28", "2026-02-28", "2026-02-20", "2026-02-19"]
    #expect(streak(days, today: "2026-03-01") == streak(days.reversed(), today: "2026-03-01"))
    let today = streak(days, today: "2026-03-01")
    #expect(today.current == 3 && today.longest == 3 && !today.isTodayOpen)
    let open = streak(days, today: "2026-03-02")
    #expect(open.current == 3 && open.isTodayOpen)
    let broken = streak(days, today: "2026-03-03")
    #expect(broken.current == 0 && broken.longest == 3 && !broken.isTodayOpen)
    #expect(streak([], today: "2026-03-03").longest == 0)
  }

  @Test func neitherAClockChangeNorAJourneyBreaksOne() {
    let days = ["2026-03-28", "2026-03-29", "2026-03-30"]
    #expect(streak(days, today: "2026-03-30", zone: "Europe/Berlin").current == 3)
    // Studied on the 30th in Auckland; in Honolulu it is still the 29th.
    #expect(streak(days, today: "2026-03-29", zone: "Pacific/Honolulu").current == 3)
  }

  /// Samoa had no 30 December 2011.
  @Test func aDayThatNeverWasIsNotMissed() {
    let days = ["2011-12-28", "2011-12-29", "2011-12-31"]
    #expect(streak(days, today: "2011-12-31", zone: "Pacific/Apia", start: "00:00").current == 3)
    #expect(streak(days, today: "2011-12-31", start: "00:00").current == 1)
  }
}
