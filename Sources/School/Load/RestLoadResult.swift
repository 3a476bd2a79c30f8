import LoadGenerator
import PlatformClient

/// What a load on the API is summed up as: the JSON result, field by field.
package struct RestLoadResult: Encodable, Sendable {
  package struct Operation: Encodable, Sendable {
    package let answered: Int
    /// By status and code, or by what broke.
    package let errors: [String: Int]
    package let intendedToAnsweredMs: LatencySummary?
  }

  package struct Verification: Encodable, Sendable {
    package let ok: Bool
    package let seconds: Double
    package let expected: Int
    /// Events that there may be besides: a login whose answer never came.
    package let unsure: Int
    package let found: Int
    /// Rows of an `event_id` that another row has too.
    package let repeated: Int
    package let byType: [String: Int]
    package let differences: [String]
    package let error: String?

    init(_ outcome: EventCheck.Outcome, _ expected: ExpectedEvents) {
      ok = outcome.holds
      seconds = outcome.seconds.rounded(toPlaces: 3)
      self.expected = expected.count
      unsure = expected.unsureCount
      found = outcome.found
      repeated = outcome.repeated
      byType = expected.byType
      differences = outcome.differences
      error = outcome.error
    }
  }

  package let gateway: String
  package let seed: UInt64
  package let rate: Double
  package let durationSeconds: Double
  package let learners: Int
  package let calls: Int
  package let answered: Int
  package let notAnswered: Int
  /// Calls that got what a sound platform does not give.
  package let failed: Int
  /// Calls of which nothing was known for a while; each was made again under the same ids.
  package let unknownOutcomes: Int
  /// Learners of whom it is still not known what came of their last call.
  package let unresolved: Int
  package let stoppedEarly: Bool
  package let intendedToAnsweredMs: LatencySummary?
  package let intendedToBegunMs: LatencySummary?
  package let operations: [String: Operation]
  package var verification: Verification?

  /// Every call came to an end that is known, none to one that must not be, and all their events are there.
  package var isComplete: Bool { failed == 0 && unresolved == 0 && !stoppedEarly && verification?.ok != false }

  init(
    _ load: RestLoad, _ tally: CallTally, _ people: [LoadLearner], expected: ExpectedEvents, wasStopped: Bool
  ) {
    gateway = load.gateway
    seed = load.seed
    rate = load.rate
    durationSeconds = load.durationSeconds
    learners = load.learners
    answered = tally.answered
    notAnswered = tally.refused
    calls = tally.answered + tally.refused
    failed = people.reduce(0) { $0 + $1.failures }
    unknownOutcomes = people.reduce(0) { $0 + $1.unknownOutcomes }
    unresolved = people.count { !$0.isGone }
    stoppedEarly = wasStopped
    intendedToAnsweredMs = tally.latency.summary
    intendedToBegunMs = tally.lateness.summary
    operations = Dictionary(
      uniqueKeysWithValues: tally.operations.map { operation, counts in
        (
          operation.rawValue,
          Operation(
            answered: counts.answered, errors: counts.errors, intendedToAnsweredMs: counts.latency.summary)
        )
      })
  }
}
