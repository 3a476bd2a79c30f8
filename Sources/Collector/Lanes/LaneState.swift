import Blocking

/// What is being done with a lane, and when something may be: retrying, waiting and giving up are states of the lane, so
/// that no worker is held by them. Pure: it takes what happened and answers with what its owner shall do.
package struct LaneState: Sendable, Equatable {
  package enum Phase: Sendable, Equatable {
    /// Nobody works on it.
    case idle
    /// A worker encodes a block of its messages.
    case encoding
    /// A worker does a step of its range.
    case stepping
    /// Nobody works on it before that moment. Indirect: see `KeptInstant`.
    indirect case waiting(until: ContinuousClock.Instant)
    /// Its messages are to be read again, by a lane that takes its place.
    case givenUp
  }

  package enum Event {
    case encodingBegan
    case encodingEnded
    case stepBegan
    /// - Parameters:
    ///   - hasNext: the range has another step to do at once.
    ///   - isPreparation: it only prepared for the step that failed before, so it has not been mended yet.
    case stepDone(hasNext: Bool, isPreparation: Bool = false)
    case stepFailed(StepFailure)
  }

  package enum Action: Sendable, Equatable {
    /// Goes on with the lane.
    case proceed
    /// Gives the lane back.
    case release
    /// Gives the lane back and halts its range: waiting will not mend it.
    case halt(String)
    /// Drops the lane and has its partition taken over anew.
    case takeOver
  }

  package private(set) var phase = Phase.idle
  /// Steps that have failed since the last that was done.
  package private(set) var failures = 0

  package init() {}

  package var isBusy: Bool { phase == .encoding || phase == .stepping }
  /// A step of it failed, and none has been done since.
  package var isFailing: Bool { failures > 0 }
  /// A worker is trying again what failed.
  package var isRetrying: Bool { phase == .stepping && isFailing }

  /// From when on work may begin; nil when it may now.
  package func wait(at now: ContinuousClock.Instant) -> ContinuousClock.Instant? {
    if case .waiting(let until) = phase, until > now { until } else { nil }
  }

  /// Takes in what happened.
  /// - Parameter retry: how long a failed step waits.
  package mutating func take(
    _ event: Event, at now: ContinuousClock.Instant, retry: RetryPolicy,
    using random: inout some RandomNumberGenerator
  ) -> Action {
    if phase == .givenUp { return .release }
    switch event {
    case .encodingBegan:
      precondition(!isBusy, "one worker a lane")
      phase = .encoding
      return .proceed
    case .encodingEnded:
      phase = .idle
      return .release
    case .stepBegan:
      precondition(phase == .stepping || !isBusy, "one worker a lane")
      phase = .stepping
      return .proceed
    case .stepDone(let hasNext, let isPreparation):
      if !isPreparation { failures = 0 }
      phase = hasNext ? .stepping : .idle
      return hasNext ? .proceed : .release
    case .stepFailed(let failure):
      switch failure.retryDecision {
      case .waitFor(let duration):
        phase = .waiting(until: now + duration)
        return .release
      case .retry:
        failures += 1
        phase = .waiting(until: now + retry.delay(afterFailures: failures, using: &random))
        return .release
      case .halt(let why):
        phase = .idle
        return .halt(why)
      case .takeOver:
        phase = .givenUp
        return .takeOver
      case .forget:
        phase = .idle
        return .release
      }
    }
  }
}
