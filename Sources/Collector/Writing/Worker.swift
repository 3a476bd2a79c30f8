import ClickHouse
import Foundation
import Kafka

/// A thread that takes one lane at a time through its steps: decode, claim, insert, finish.
final class Worker {
  private let lanes: Monitor<Lanes>
  private let policy: FlushPolicy
  private let configuration: CollectorConfiguration
  private let builder: BlockBuilder
  private let ledger: RangeLedger
  private let writer: RangeWriter
  private let committer: OffsetCommitter
  private let report: CollectorReport
  /// Parts that every deduplication window surely remembers.
  private let window: UInt64

  init(
    lanes: Monitor<Lanes>, configuration: CollectorConfiguration, builder: BlockBuilder, ledger: RangeLedger,
    writer: RangeWriter, committer: OffsetCommitter, report: CollectorReport,
    window: UInt64
  ) {
    self.lanes = lanes
    policy = FlushPolicy(configuration)
    self.configuration = configuration
    self.builder = builder
    self.ledger = ledger
    self.writer = writer
    self.committer = committer
    self.report = report
    self.window = window
  }

  /// A lane that this worker alone works on until it gives it back.
  private struct Job {
    let partition: TopicPartition
    let tenure: UInt64
    let takenOverAtMs: Int64
    var step: RangeMachine.Step
    var attempts = 0
    /// Chunks lent by the lane, and where its oldest message is.
    var chunks: [MessageChunk]
    var start: MessageBuffer.Cursor
    let sealedAt: Date
    var built: BuiltRange?
  }

  /// Works until the lanes are closed.
  func run() {
    while let job = takeJob() { work(job) }
  }

  private func takeJob() -> Job? {
    lanes.wait { state in
      if state.closed { return .done(nil) }
      let now = Date()
      switch policy.next(state, now: now) {
      case .until(let moment): return .until(moment)
      case .done((let position, let step)):
        state.lanes[position].busy = true
        state.lanes[position].notBefore = nil
        let lane = state.lanes[position]
        return .done(
          Job(
            partition: lane.partition, tenure: lane.tenure, takenOverAtMs: lane.takenOverAtMs, step: step,
            chunks: state.lanes[position].buffer.seal(), start: lane.buffer.start, sealedAt: now))
      }
    }
  }

  private func work(_ first: Job) {
    var job = first
    while true {
      let outcome: RangeMachine.Outcome
      do {
        outcome = try perform(&job)
        job.attempts = 0
      } catch {
        switch failed(error, &job) {
        case .again: continue
        case .refused(let why): outcome = .refused(why)
        case .later(let moment): return giveBack(job, notBefore: moment)
        case .gone: return giveBack(job, notBefore: nil)
        }
      }
      guard let next = advance(&job, outcome) else { return }
      job.step = next
    }
  }

  /// Does the job's step. Throws what stands in the way.
  private func perform(_ job: inout Job) throws(Obstacle) -> RangeMachine.Outcome {
    switch job.step {
    case .wait, .halt: preconditionFailure("a job has something to do")
    case .build(let from, let to):
      return .built(build(&job, from: from, to: to))
    case .claim(let intent):
      ensureBuilt(&job, intent)
      let answer = try ledger.claim(intent)
      return .claimed(first: answer.first, answer.lease)
    case .renew(let intent):
      let answer = try ledger.renew(intent)
      try proveMembership(intent)
      return .renewed(answer.lease, answer.entry)
    case .insert(let intent, let lease):
      ensureBuilt(&job, intent)
      return try writer.insert(intent, lease, builder) ? .written : .leaseOver
    case .mark(let intent):
      let last = try ledger.lastWord(of: intent)
      let othersEnd = max(last.atMs, job.takenOverAtMs) + configuration.leaseMs + configuration.insertTimeoutMs
      if last.nowMs <= othersEnd { throw .wait(milliseconds: othersEnd - last.nowMs + 1) }
      // A sleeper's mark would make the owner wait once more.
      try proveMembership(intent)
      let lease = try ledger.mark(intent)
      try proveMembership(intent)
      report.reconciling(intent)
      return .marked(lease)
    case .reconcile(let intent, let lease):
      ensureBuilt(&job, intent)
      let epochs = try ledger.epochs(of: intent, window: window)
      // Another's mark came after ours, or ours is too old: mark anew, for an epoch of its own.
      guard let ours = epochs.last, ours.writer == intent.writer, ours.partsSince < window else { return .leaseOver }
      return try writer.reconcile(intent, lease, builder, epochs, window: window) ? .written : .leaseOver
    case .finish(let intent):
      // A commit that fails costs the next owner one repeated range, which ClickHouse drops.
      try? committer.commit([intent.partition: intent.range.to], wait: false)
      return .finished
    }
  }

  /// The group refuses the commit of a member it has put out. The lease began before this proof: whoever proves and
  /// then sleeps wakes to a lease that is over.
  private func proveMembership(_ intent: RangeIntent) throws(Obstacle) {
    do { try committer.commit([intent.partition: intent.range.from], wait: true) } catch { throw .kafka(error) }
  }

  private func build(_ job: inout Job, from: Int64, to: Int64?) -> RangeIntent {
    let built = builder.build(
      job.partition, chunks: job.chunks, start: job.start, from: from, to: to,
      sealedAt: job.sealedAt)
    job.built = built
    return built.intent
  }

  /// After the lane was given back in mid-range, another worker has to decode the range again; the rows are the same.
  private func ensureBuilt(_ job: inout Job, _ intent: RangeIntent) {
    if job.built?.intent.range == intent.range { return }
    let again = build(&job, from: intent.range.from, to: intent.range.to)
    precondition(again == intent, "the same messages make the same rows")
  }

  /// Tells the lane's machine; the next step, or nil when the lane is done with or gone.
  private func advance(_ job: inout Job, _ outcome: RangeMachine.Outcome) -> RangeMachine.Step? {
    let built = job.built
    let finished = outcome == .finished
    let next: RangeMachine.Step? = lanes.withLock { state in
      guard let position = state.position(of: job.partition, tenure: job.tenure) else { return nil }
      state.lanes[position].machine.take(outcome)
      if finished, let built { state.consume(built, of: position) }
      let lane = state.lanes[position]
      let step = lane.machine.step(bufferedTo: lane.buffer.endOffset, due: false)
      switch step {
      case .wait:
        state.lanes[position].busy = false
        return nil
      case .halt(let why):
        state.lanes[position].busy = false
        report.halted(job.partition, why)
        return nil
      case .build:
        // Claimed by another up to a different end: cut what is buffered there.
        job.chunks = state.lanes[position].buffer.seal()
        job.start = lane.buffer.start
      default: break
      }
      return step
    }
    if finished, let built { report.flushed(built, since: built.sealedAt) }
    if next == nil { lanes.notify() }
    return next
  }

  private enum Resort {
    case again
    case later(Date)
    case refused(String)
    /// The lane is no longer ours, or the collector ends.
    case gone
  }

  /// Sorts an obstacle once: wait and try again, give up the lane for a while, or halt it.
  private func failed(_ obstacle: Obstacle, _ job: inout Job) -> Resort {
    switch obstacle {
    case .wait(let milliseconds):
      return .later(Date().addingTimeInterval(Double(min(milliseconds, 5_000)) / 1000))
    case .clickHouse(let error):
      report.failed(job.partition, error)
      if error.disposition == .data {
        return .refused("ClickHouse refuses the rows of \(job.partition): \(error)")
      }
    case .kafka(let error):
      report.failed(job.partition, error)
    }
    job.attempts += 1
    let longest = min(configuration.retryLongestMs, configuration.retryFirstMs << min(job.attempts - 1, 16))
    let wake = Date().addingTimeInterval(Double(longest) / 1000 * Double.random(in: 0.5...1))
    let (partition, tenure) = (job.partition, job.tenure)
    return lanes.wait { state in
      if state.closed || state.position(of: partition, tenure: tenure) == nil { return .done(.gone) }
      return Date() >= wake ? .done(.again) : .until(wake)
    }
  }

  private func giveBack(_ job: Job, notBefore: Date?) {
    lanes.withLock { state in
      guard let position = state.position(of: job.partition, tenure: job.tenure) else { return }
      state.lanes[position].busy = false
      state.lanes[position].notBefore = notBefore
    }
    lanes.notify()
  }
}

/// Why a step could not be done, this time.
enum Obstacle: Error {
  case clickHouse(ClickHouseError)
  case kafka(KafkaError)
  /// It must not be done yet.
  case wait(milliseconds: Int64)

  var cause: any Error {
    switch self {
    case .clickHouse(let error): error
    case .kafka(let error): error
    case .wait: self
    }
  }
}
