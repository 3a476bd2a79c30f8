import CivilTime
import Postgres

/// A learner as his row has him: how he learns, and what of his day is used up.
struct StoredLearner: Sendable {
  let settings: LearningSettings
  /// The day that `tally` is of; nil before the first answer.
  private let day: Range<Instant>?
  private let tally: DailyTally

  /// Makes the row of a learner who has none, as one who set nothing.
  static let ensure = PostgresStatement(
    "learners.ensure", "INSERT INTO learners (user_id) VALUES ($1) ON CONFLICT DO NOTHING")

  private static let columns = """
    timezone, day_starts_at, new_per_day, reviews_per_day, desired_retention, scheduler, day_from, day_to, new_today, \
    reviews_today
    """
  static let read = PostgresStatement("learners.read", "SELECT \(columns) FROM learners WHERE user_id = $1")
  /// Reads the row, and keeps everyone else from changing anything of the learner until the transaction ends.
  static let lock = PostgresStatement(
    "learners.lock", "SELECT \(columns) FROM learners WHERE user_id = $1 FOR NO KEY UPDATE")
  /// The same, with no row where somebody else is changing him.
  static let lockIfFree = PostgresStatement(
    "learners.lockIfFree", "SELECT \(columns) FROM learners WHERE user_id = $1 FOR NO KEY UPDATE SKIP LOCKED")
  /// The settings: $2 to $7.
  static let change = PostgresStatement(
    "learners.change",
    """
    UPDATE learners SET timezone = $2, day_starts_at = $3, new_per_day = $4, reviews_per_day = $5, desired_retention = $6, \
    scheduler = $7 WHERE user_id = $1
    """)
  /// What was answered from $2 until before $3, and counts.
  static let count = PostgresStatement(
    "learners.count",
    """
    SELECT count(*) FILTER (WHERE kind = 'new'), count(*) FILTER (WHERE kind = 'review')
    FROM answers WHERE user_id = $1 AND answered_at >= $2 AND answered_at < $3
    """)
  /// $2 counts from 1970-01-01.
  static let studied = PostgresStatement(
    "learners.studied",
    "INSERT INTO study_days (user_id, day) VALUES ($1, DATE '1970-01-01' + $2::int) ON CONFLICT DO NOTHING")
  static let studyDays = PostgresStatement(
    "learners.studyDays", "SELECT day - DATE '1970-01-01' FROM study_days WHERE user_id = $1")

  /// - Parameter row: of ``read`` or ``lock``; nil is somebody who has not learned anything yet.
  init(_ row: PostgresRow?, _ zones: ZoneCache) throws {
    guard let row else {
      (settings, day, tally) = (.standard, nil, DailyTally())
      return
    }
    var next = row.reader
    let zone = zones.zone(try next.next())
    let start = TimeOfDay(minutes: try next.next()) ?? .fourInTheMorning
    settings = try LearningSettings(
      calendar: LearnerCalendar(zone: zone, dayStartsAt: start), newPerDay: next.next(), reviewsPerDay: next.next(),
      desiredRetention: next.next(), scheduler: LearningSettings.Scheduler(rawValue: next.next()) ?? .fsrs6)
    let (from, to) = (try next.momentIfAny(), try next.momentIfAny())
    day = if let from, let to, from < to { from..<to } else { nil }
    tally = DailyTally(newCards: try next.next(), reviews: try next.next())
  }

  /// What was answered on the day of `span`; nil if that must be counted, as it is another day than the last answer's, or the
  /// learner's days have changed.
  func tally(of span: Range<Instant>) -> DailyTally? { day == span ? tally : nil }

  /// Whether the day that the row has leaves room for a new card.
  var hasRoomForNew: Bool { tally.newCards < settings.newPerDay }
}

extension DailyTally {
  /// - Parameter row: of ``StoredLearner/count``.
  init(_ row: PostgresRow?) throws(PostgresError) {
    self.init(newCards: try row?.value(0) ?? 0, reviews: try row?.value(1) ?? 0)
  }
}
