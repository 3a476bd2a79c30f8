import Blocking
import Kafka

/// Takes one lane at a time through its steps: encode, claim, insert, finish. A step that fails gives the lane back.
package final class Worker {
  private let lanes: Monitor<Lanes>
  private let policy: FlushPolicy
  private let retry: RetryPolicy
  private let stepper: RangeStepper
  private let report: any WorkerReport
  private let encodingOnly: Bool
  private let now: () -> ContinuousClock.Instant

  /// - Parameters:
  ///   - name: this process in the ledger, a UUID.
  ///   - window: parts that every deduplication window surely remembers.
  ///   - encodingOnly: a worker that never waits for ClickHouse, so that messages never wait long as they came, seven times
  ///     the size of their blocks.
  package init(
    lanes: Monitor<Lanes>, configuration: CollectorConfiguration, name: String, encoder: any RangeEncoder,
    ledger: RangeLedger, recovery: Recovery, inserter: any RangeInserter, membership: any GroupMembership,
    report: any WorkerReport, window: UInt64, encodingOnly: Bool,
    now: @escaping () -> ContinuousClock.Instant = { .now }
  ) {
    self.lanes = lanes
    policy = FlushPolicy(configuration)
    retry = RetryPolicy(
      first: .milliseconds(configuration.retryFirstMs), longest: .milliseconds(configuration.retryLongestMs))
    stepper = RangeStepper(
      lanes: lanes, configuration: configuration, name: name, encoder: encoder, ledger: ledger, recovery: recovery,
      inserter: inserter, membership: membership, report: report, window: window, now: now)
    self.report = report
    self.encodingOnly = encodingOnly
    self.now = now
  }

  /// Works until the lanes are closed.
  package func run() {
    while let job = lanes.wait({ state in state.closed ? .done(nil) : take(&state) }) {
      var next: WorkerJob? = job
      while let job = next { next = complete(job, perform(job)) }
    }
  }

  /// Takes a lane that has something to do now; nil when none has.
  package func takeJob() -> WorkerJob? {
    lanes.withLock { state in if case .done(let job) = take(&state) { job } else { nil } }
  }

  private func take(_ state: inout Lanes) -> Waiting<WorkerJob?> {
    let moment = now()
    switch policy.next(state, now: moment, encodingOnly: encodingOnly) {
    case .until(let later): return .until(later)
    case .done((let position, let task)):
      let event: LaneState.Event = if case .encode = task { .encodingBegan } else { .stepBegan }
      _ = state.take(event, of: position, at: moment, retry: retry)
      return .done(WorkerJob(state.lanes[position], task, begun: moment))
    }
  }

  /// What came of a job.
  package enum Result {
    case encoded
    case outcome(RangeMachine.Outcome)
    case failed(StepFailure)
  }

  /// Does a job's task, waiting for ClickHouse and Kafka as long as that takes.
  package func perform(_ job: WorkerJob) -> Result {
    switch job.task {
    case .encode(let to):
      stepper.encodeNext(job, to: to)
      return .encoded
    case .step(let step):
      do { return .outcome(try stepper.perform(step, job)) } catch { return .failed(error) }
    }
  }

  /// Tells the lane what came of a job.
  /// - Returns: the range's next step, for the same worker; nil when the lane was given back or is gone.
  package func complete(_ job: WorkerJob, _ result: Result) -> WorkerJob? {
    var finished: BuiltRange?
    let action = lanes.withLock { state -> (LaneState.Action, RangeMachine.Step?)? in
      guard let position = state.position(of: job.partition, assignment: job.assignment) else { return nil }
      switch result {
      case .encoded: return (state.take(.encodingEnded, of: position, at: now(), retry: retry), nil)
      case .failed(let failure):
        let action = state.take(.stepFailed(failure), of: position, at: now(), retry: retry)
        if case .halt(let why) = action { state.lanes[position].machine.take(.refused("\(job.partition): \(why)")) }
        if failure.isOutcomeOpen { state.lanes[position].machine.take(.failed) }
        return (action, nil)
      case .outcome(let outcome):
        state.lanes[position].machine.take(outcome)
        if outcome == .finished, let built = state.lanes[position].built {
          state.finish(built, of: position)
          finished = built
        }
        let lane = state.lanes[position]
        let next = lane.machine.step(bufferedTo: lane.buffer.endOffset, due: false)
        let event = LaneState.Event.stepDone(hasNext: next.isWork, isPreparation: outcome.isPreparation)
        let action = state.take(event, of: position, at: now(), retry: retry)
        return (action, next)
      }
    }
    // Nothing is told under the lanes' lock.
    tell(job, result, finished)
    if case .some((.halt(let why), _)) = action { report.halted(job.partition, why) }
    if case .some((_, .some(.halt(let why)))) = action { report.halted(job.partition, why) }
    if case .some((.proceed, .some(let step))) = action { return WorkerJob(job, step) }
    lanes.notify()
    return nil
  }

  private func tell(_ job: WorkerJob, _ result: Result, _ finished: BuiltRange?) {
    if let finished { report.flushed(finished, after: now() - finished.cut.instant) }
    guard case .failed(let failure) = result else { return }
    switch failure {
    case .clickHouse, .kafka, .insertUnderWay: report.failed(job.partition, failure.cause)
    case .notYet, .notRecovered, .messagesEncoded, .laneGone: break
    }
  }
}

extension RangeMachine.Step {
  /// There is something to do at once.
  fileprivate var isWork: Bool {
    switch self {
    case .wait, .halt: false
    default: true
    }
  }
}

extension RangeMachine.Outcome {
  /// Nothing is in by it that was not before.
  fileprivate var isPreparation: Bool {
    switch self {
    case .renewed, .marked, .leaseOver: true
    default: false
    }
  }
}
