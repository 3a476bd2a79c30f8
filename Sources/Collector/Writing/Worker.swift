import Blocking
import ClickHouse
import Foundation
import Kafka

/// A thread that takes one lane at a time through its steps: encode, claim, insert, finish.
final class Worker {
  private let lanes: Monitor<Lanes>
  private let policy: FlushPolicy
  private let configuration: CollectorConfiguration
  private let encoder: BlockEncoder
  private let ledger: RangeLedger
  private let writer: RangeWriter
  private let committer: OffsetCommitter
  private let report: CollectorReport
  /// This process in the ledger, a UUID.
  private let name: String
  private let encodingOnly: Bool
  /// Parts that every deduplication window surely remembers.
  private let window: UInt64

  /// - Parameter encodingOnly: a worker that never waits for ClickHouse, so that messages never wait long as they came,
  ///   seven times the size of their blocks.
  init(
    lanes: Monitor<Lanes>, configuration: CollectorConfiguration, name: String, encoder: BlockEncoder,
    ledger: RangeLedger, writer: RangeWriter, committer: OffsetCommitter, report: CollectorReport, window: UInt64,
    encodingOnly: Bool
  ) {
    self.lanes = lanes
    policy = FlushPolicy(configuration)
    self.configuration = configuration
    self.name = name
    self.encoder = encoder
    self.encodingOnly = encodingOnly
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
    let task: FlushPolicy.Task
    let begun: Date
    var attempts = 0
    var built: BuiltRange?
  }

  /// Works until the lanes are closed.
  func run() {
    while let job = takeJob() {
      switch job.task {
      case .encode(let to): encodeBlock(job, to: to)
      case .step(let step): work(job, step)
      }
    }
  }

  private func takeJob() -> Job? {
    lanes.wait { state in
      if state.closed { return .done(nil) }
      let now = Date()
      switch policy.next(state, now: now, encodingOnly: encodingOnly) {
      case .until(let moment): return .until(moment)
      case .done((let position, let task)):
        state.lanes[position].busy = true
        if case .step = task { state.lanes[position].notBefore = nil }
        let lane = state.lanes[position]
        return .done(
          Job(
            partition: lane.partition, tenure: lane.tenure, takenOverAtMs: lane.takenOverAtMs, task: task, begun: now))
      }
    }
  }

  private func work(_ first: Job, _ firstStep: RangeMachine.Step) {
    var job = first
    var step = firstStep
    while true {
      let outcome: RangeMachine.Outcome
      do {
        outcome = try perform(step, &job)
        job.attempts = 0
      } catch {
        switch failed(error, &job) {
        case .again: continue
        case .refused(let why): outcome = .refused(why)
        case .later(let moment): return giveBack(job, notBefore: moment)
        case .gone: return giveBack(job)
        }
      }
      guard let next = advance(&job, outcome) else { return }
      step = next
    }
  }

  /// Does a step of the job's range. Throws what stands in the way.
  private func perform(_ step: RangeMachine.Step, _ job: inout Job) throws(Obstacle) -> RangeMachine.Outcome {
    switch step {
    case .wait, .halt: preconditionFailure("a job has something to do")
    case .build(let from, let to):
      return .built(try build(&job, from: from, to: to).intent)
    case .claim(let intent):
      let answer = try ledger.claim(intent)
      return .claimed(first: answer.first, answer.lease)
    case .renew(let intent):
      let answer = try ledger.renew(intent)
      try proveMembership(intent)
      return .renewed(answer.lease, answer.entry)
    case .insert(let intent, let lease):
      return try writer.insert(try range(of: intent, &job), lease) ? .written : .leaseOver
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
      let range = try range(of: intent, &job)
      let epochs = try ledger.epochs(of: intent, window: window)
      // Another's mark came after ours, or ours is too old: mark anew, for an epoch of its own.
      guard let ours = epochs.last, ours.writer == intent.writer, ours.partsSince < window else { return .leaseOver }
      return try writer.reconcile(range, lease, epochs, window: window) ? .written : .leaseOver
    case .finish(let intent):
      _ = try range(of: intent, &job)
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

  private func encodeBlock(_ job: Job, to: Int64?) {
    _ = encodeNext(job, limit: BlockEncoder.rows, to: to)
    giveBack(job)
  }

  /// Encodes the oldest messages of the lane that are not yet.
  /// - Returns: what the lane has encoded then; nil when there was nothing to encode, or the lane is gone.
  private func encodeNext(_ job: Job, limit: Int, to: Int64?) -> BlockQueue? {
    let loan = lanes.withLock { $0.lend(job.partition, tenure: job.tenure) }
    guard let loan else { return nil }
    var cursor = loan.start
    let block = encoder.encode(job.partition, loan.chunks, from: &cursor, limit: limit, to: to)
    return lanes.withLock { state in
      guard let block, let position = state.position(of: job.partition, tenure: job.tenure) else { return nil }
      state.absorb(block, to: cursor, in: position)
      return state.lanes[position].queue
    }
  }

  /// Encodes what is left of the range, and puts its blocks together.
  private func build(_ job: inout Job, from: Int64, to: Int64?) throws(Obstacle) -> BuiltRange {
    var queue = try queue(job)
    while to != nil || (queue.messages < configuration.flushRows && queue.messageBytes < configuration.flushBytes) {
      let limit = to == nil ? configuration.flushRows - queue.messages : .max
      guard let more = encodeNext(job, limit: min(limit, BlockEncoder.rows), to: to) else { break }
      queue = more
    }
    guard let blocks = try self.queue(job).blocks(before: to ?? .max) else {
      // Another claimed it up to an offset inside a block, whose messages are no longer here.
      lanes.withLock { state in
        if let position = state.position(of: job.partition, tenure: job.tenure) { state.abandon(position) }
      }
      throw .gone
    }
    let built = BuiltRange(
      job.partition, from: from, to: to, blocks: blocks, decoder: encoder.fingerprint, writer: name, cutAt: job.begun)
    job.built = built
    return built
  }

  private func queue(_ job: Job) throws(Obstacle) -> BlockQueue {
    let queue = lanes.withLock { state in
      state.position(of: job.partition, tenure: job.tenure).map { state.lanes[$0].queue }
    }
    guard let queue else { throw .gone }
    return queue
  }

  /// The range's blocks; to be found anew when the lane was given back in mid-range.
  private func range(of intent: RangeIntent, _ job: inout Job) throws(Obstacle) -> BuiltRange {
    if let built = job.built, built.intent == intent { return built }
    let built = try build(&job, from: intent.range.from, to: intent.range.to)
    precondition(built.intent == intent, "the same messages make the same rows")
    return built
  }

  /// Tells the lane's machine; the next step, or nil when the lane is done with or gone.
  private func advance(_ job: inout Job, _ outcome: RangeMachine.Outcome) -> RangeMachine.Step? {
    let built = job.built
    let finished = outcome == .finished
    let next: RangeMachine.Step? = lanes.withLock { state in
      guard let position = state.position(of: job.partition, tenure: job.tenure) else { return nil }
      state.lanes[position].machine.take(outcome)
      if finished, let built { state.finish(built, of: position) }
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
      default: return step
      }
    }
    if finished, let built { report.flushed(built) }
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
    case .gone: return .gone
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

  private func giveBack(_ job: Job, notBefore: Date? = nil) {
    lanes.withLock { state in
      guard let position = state.position(of: job.partition, tenure: job.tenure) else { return }
      state.lanes[position].busy = false
      if let notBefore { state.lanes[position].notBefore = notBefore }
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
  /// The lane is no longer ours.
  case gone

  var cause: any Error {
    switch self {
    case .clickHouse(let error): error
    case .kafka(let error): error
    case .wait, .gone: self
    }
  }
}
