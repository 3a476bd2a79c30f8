import CivilTime

/// Runs of days on which a learner studied. Days follow each other by their dates, never by seconds, so that neither a change
/// of the clocks nor a journey breaks a run.
package struct Streak: Sendable, Equatable {
  /// Days of the run that ends today, or yesterday while today is still open.
  package let current: Int
  package let longest: Int
  /// Nothing was studied today yet, and the current run ends if nothing will be.
  package let isTodayOpen: Bool

  /// - Parameter activeDays: as they were in the learner's calendar when he studied, in any order; one after `today`, of a
  ///   learner who has since travelled west, counts as today.
  package init(activeDays: some Sequence<CivilDate>, today: CivilDate, calendar: LearnerCalendar) {
    var (run, longest) = (0, 0)
    var last: CivilDate?
    for day in Set(activeDays).sorted() {
      run = last.map { calendar.isNext(day, after: $0) } == true ? run + 1 : 1
      longest = max(longest, run)
      last = day
    }
    let isToday = last.map { $0 >= today } ?? false
    let isYesterday = last.map { calendar.isNext(today, after: $0) } ?? false
    current = isToday || isYesterday ? run : 0
    self.longest = longest
    isTodayOpen = isYesterday
  }
}
