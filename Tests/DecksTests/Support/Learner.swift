import CivilTime
import Decks

/// Shorthands of the tests.
enum Learner {
  /// 2026-03-02 12:00 UTC, a Monday.
  static let noon = Instant(seconds: 1_772_452_800)

  static func settings(
    zone: String = "UTC", dayStartsAt: String = "04:00", new: Int = 20, reviews: Int = 200, retention: Double = 0.9,
    scheduler: LearningSettings.Scheduler = .fsrs6
  ) throws -> LearningSettings {
    try LearningSettings(
      calendar: calendar(zone, dayStartsAt), newPerDay: new, reviewsPerDay: reviews, desiredRetention: retention,
      scheduler: scheduler)
  }

  static func calendar(_ zone: String, _ dayStartsAt: String = "04:00") -> LearnerCalendar {
    LearnerCalendar(zone: Zone(zone)!, dayStartsAt: TimeOfDay(dayStartsAt)!)
  }

  /// A card in review that was last answered `ago` days before noon and is due `due` days after it.
  static func review(_ id: Int64, stability: Double = 10, ago: Double, due: Double) -> StudyCard {
    StudyCard(
      id: id, position: Int(id),
      memory: CardMemory(
        phase: .review, stability: stability, difficulty: 5, lastReviewAt: noon.after(days: -ago),
        dueAt: noon.after(days: due), reviews: 3))
  }

  /// A card at its first short step, due so many minutes after noon.
  static func learning(_ id: Int64, dueInMinutes minutes: Double) -> StudyCard {
    StudyCard(
      id: id, position: Int(id),
      memory: CardMemory(
        phase: .learning(step: 0), stability: 1, difficulty: 5, lastReviewAt: noon.after(minutes: minutes - 10),
        dueAt: noon.after(minutes: minutes), reviews: 1))
  }
}

extension Instant {
  func after(minutes: Double) -> Instant { Instant(milliseconds: milliseconds + Int(minutes * 60_000)) }
  func after(days: Double) -> Instant { after(minutes: days * 1440) }
}
