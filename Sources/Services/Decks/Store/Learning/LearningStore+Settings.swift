import CivilTime
import Postgres

extension LearningStore {
  /// How the caller learns; one who never said has the standard.
  func settings(_ request: Request) async throws -> LearningSettings {
    let learner = try request.caller.person()
    let rows = try await pool.run(StoredLearner.read(.int8(learner)), until: request.deadline)
    return try StoredLearner(rows.first, zones).settings
  }

  func change(_ change: SettingsChange, _ request: Request) async throws -> LearningSettings {
    let learner = try request.caller.person()
    return try await pool.transaction(until: request.deadline) { transaction in
      let rows = try transaction.run([StoredLearner.ensure(.int8(learner)), StoredLearner.lock(.int8(learner))])
      let old = try StoredLearner(rows[1].first, zones).settings
      let new = try change.applied(to: old)
      guard new != old else { return old }
      var calls = [
        StoredLearner.change(
          .int8(learner), .text(new.calendar.zone.name), .int8(new.calendar.dayStartsAt.minutes),
          .int8(new.newPerDay), .int8(new.reviewsPerDay), .float8(new.desiredRetention),
          .text(new.scheduler.rawValue))
      ]
      if new.scheduler != old.scheduler { calls.append(StoredSession.forgetUnasked(.int8(learner))) }
      transaction.runWithCommit(calls)
      return new
    }
  }
}

/// What a learner wants otherwise; nil stays.
struct SettingsChange: Sendable {
  let zone: Zone?
  let dayStartsAt: TimeOfDay?
  let newPerDay: Int?
  let reviewsPerDay: Int?
  let desiredRetention: Double?
  let scheduler: LearningSettings.Scheduler?

  func applied(to old: LearningSettings) throws(LearningSettingsError) -> LearningSettings {
    try LearningSettings(
      calendar: LearnerCalendar(
        zone: zone ?? old.calendar.zone, dayStartsAt: dayStartsAt ?? old.calendar.dayStartsAt),
      newPerDay: newPerDay ?? old.newPerDay, reviewsPerDay: reviewsPerDay ?? old.reviewsPerDay,
      desiredRetention: desiredRetention ?? old.desiredRetention, scheduler: scheduler ?? old.scheduler)
  }
}
