import CivilTime

/// How one learner wants to learn.
package struct LearningSettings: Sendable, Equatable {
  package enum Scheduler: String, Sendable, CaseIterable {
    case fsrs6
    /// The rule of the first platform: ``AnswerRecord``.
    case weights
  }

  package static let dailyLimits = 0...9999
  package static let retentions = 0.70...0.97

  package let calendar: LearnerCalendar
  package let newPerDay: Int
  package let reviewsPerDay: Int
  /// The probability with which a card should still be known when it is asked.
  package let desiredRetention: Double
  package let scheduler: Scheduler

  package static let standard = LearningSettings(
    calendar: LearnerCalendar(zone: .utc, dayStartsAt: .fourInTheMorning), newPerDay: 20, reviewsPerDay: 200,
    retention: 0.90, scheduler: .fsrs6)

  package init(
    calendar: LearnerCalendar, newPerDay: Int, reviewsPerDay: Int, desiredRetention: Double, scheduler: Scheduler
  ) throws(LearningSettingsError) {
    guard Self.dailyLimits.contains(newPerDay) else { throw .limitOutOfBounds(field: "new_per_day") }
    guard Self.dailyLimits.contains(reviewsPerDay) else { throw .limitOutOfBounds(field: "reviews_per_day") }
    guard Self.retentions.contains(desiredRetention) else { throw .retentionOutOfBounds }
    self.init(
      calendar: calendar, newPerDay: newPerDay, reviewsPerDay: reviewsPerDay, retention: desiredRetention,
      scheduler: scheduler)
  }

  private init(
    calendar: LearnerCalendar, newPerDay: Int, reviewsPerDay: Int, retention: Double, scheduler: Scheduler
  ) {
    self.calendar = calendar
    self.newPerDay = newPerDay
    self.reviewsPerDay = reviewsPerDay
    desiredRetention = retention
    self.scheduler = scheduler
  }

  package var fsrs: FSRSScheduler { FSRSScheduler(desiredRetention: desiredRetention) }
}

package enum LearningSettingsError: Error, Equatable, CustomStringConvertible {
  /// `field`: as the API calls it.
  case limitOutOfBounds(field: String)
  case retentionOutOfBounds

  package var description: String {
    switch self {
    case .limitOutOfBounds(let field): "\(field) must be a number from 0 to \(LearningSettings.dailyLimits.upperBound)"
    case .retentionOutOfBounds:
      "desired_retention must be from \(LearningSettings.retentions.lowerBound) to \(LearningSettings.retentions.upperBound)"
    }
  }
}
