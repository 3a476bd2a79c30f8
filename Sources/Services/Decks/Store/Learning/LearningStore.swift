import CivilTime
import EventSchema
import Postgres
import ServiceContract
import ServiceStore

/// What learners do, in the database: each change in one transaction with its events.
package struct LearningStore: Sendable {
  let pool: PostgresPool
  let outbox: OutboxWriter
  let signal: OutboxSignal
  let idempotency = IdempotencyStore()
  let zones = ZoneCache()
  let metrics: LearningMetrics

  package init(_ pool: PostgresPool, outbox: OutboxWriter, signal: OutboxSignal, metrics: LearningMetrics) {
    self.pool = pool
    self.outbox = outbox
    self.signal = signal
    self.metrics = metrics
  }

  /// Who asks, when, and until when there must be an answer.
  struct Request: Sendable {
    let caller: Caller
    let now: Instant
    let deadline: ContinuousClock.Instant

    init(_ context: CallContext) {
      caller = context.caller
      now = Instant(milliseconds: Int(context.now))
      deadline = context.deadline
    }
  }

  /// The learner's day of a moment, and what of it is used up: as his row has it, or counted.
  struct Day: Sendable {
    let span: Range<Instant>
    let tally: DailyTally
  }

  /// The day of `moment`, for which one more question may be needed.
  /// - Parameter ask: runs a statement.
  func day(
    of moment: Instant, for learner: StoredLearner, _ id: Int64,
    ask: (PostgresCall) async throws -> PostgresRows
  ) async throws -> Day {
    let span = learner.settings.calendar.span(around: moment)
    if let tally = learner.tally(of: span) { return Day(span: span, tally: tally) }
    let rows = try await ask(StoredLearner.count(.int8(id), .moment(span.lowerBound), .moment(span.upperBound)))
    return Day(span: span, tally: try DailyTally(rows.first))
  }
}
