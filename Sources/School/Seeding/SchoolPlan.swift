import CivilTime
import Settings

/// What the demonstration school is to be.
package struct SchoolPlan: Sendable {
  /// `http://host:port`.
  package let gateway: String
  /// The manager's, who is there already.
  package let managerEmail: String
  /// His, and that of everybody who is made.
  package let password: Secret
  /// Decides every person and every answer.
  package let seed: UInt64
  package let learners: Int
  package let weeks: Int
  /// The end of its history, so far.
  package let until: Instant
  /// Learners who are replayed at once.
  package let connections: Int
  /// The value of `X-Simulated-Time` for a time in milliseconds.
  package let timeHeader: @Sendable (Int64) -> String

  package init(
    gateway: String, managerEmail: String, password: Secret, seed: UInt64 = 1, learners: Int = 200, weeks: Int = 6,
    until: Instant, connections: Int = 8, timeHeader: @escaping @Sendable (Int64) -> String
  ) {
    self.gateway = gateway
    self.managerEmail = managerEmail
    self.password = password
    self.seed = seed
    self.learners = learners
    self.weeks = weeks
    self.until = until
    self.connections = connections
    self.timeHeader = timeHeader
  }

  var days: Int { weeks * 7 }

  /// The school's first day.
  var firstDay: CivilDate { Zone.utc.date(at: until).adding(days: -days) }

  /// The days of a week of its history, the last of which is today.
  func days(ofWeek week: Int) -> [CivilDate] {
    let last = week == weeks - 1 ? 7 : 6
    return (0...last).map { firstDay.adding(days: week * 7 + $0) }
  }

  /// Before anything of its history.
  package var beginningMs: Int64 { Int64(morning(firstDay.adding(days: -14)).milliseconds) }

  func time(_ moment: Instant) -> String { timeHeader(Int64(moment.milliseconds)) }

  /// The morning of a day, at school.
  func morning(_ day: CivilDate) -> Instant { Zone.utc.instant(day, secondOfDay: 6 * 3600) }
}
